/** What befalls the broker and the wire to it. */
import { connect } from 'nats'
import type { Scenario } from '../scenario.ts'
import type { FaultContext } from '../context.ts'

async function killBroker(context: FaultContext, downMs: number): Promise<void> {
  await context.broker.kill9()
  context.note('broker killed')
  await Bun.sleep(downMs)
  await context.broker.restart()
}

async function killService(context: FaultContext): Promise<void> {
  await context.service.kill()
  context.note('service killed')
  await context.service.start()
}

export const BROKER_FAULTS: readonly Scenario[] = [
  {
    name: 'broker-killed',
    guarantee: 'the broker killed three times under load: every event once, no restart of the service',
    store: 'embedded',
    control: 'without-lookup',
    rate: 3_000,
    async run(context, seconds) {
      for (let kill = 0; kill < 3; kill++) {
        await Bun.sleep((seconds * 1_000) / 3)
        await killBroker(context, 500 + context.chance.below(1_500))
      }
      // At once after the broker came back, so that the control has deliveries that come twice.
      await killService(context)
    },
  },
  {
    name: 'broker-paused',
    guarantee: 'the broker paused for 20 seconds: it resumes by itself',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      await Bun.sleep(1_000)
      const { pid } = context.broker
      context.pause(pid)
      context.note('broker paused')
      await Bun.sleep(seconds * 1_000)
      context.resume(pid)
      await Bun.sleep(3_000)
      await killService(context)
    },
  },
  {
    name: 'broker-late',
    guarantee: 'the broker not there at the start: the service waits for it',
    store: 'embedded',
    control: 'without-dead-letters',
    rate: 2_000,
    async run(context, seconds) {
      await context.service.kill()
      await context.broker.kill9()
      context.note('broker down at the start of the service')
      await context.service.start()
      await Bun.sleep(seconds * 1_000)
      await context.broker.restart()
      await Bun.sleep(2_000)
    },
  },
  {
    name: 'broker-wire',
    guarantee: 'the wire to the broker slow, swallowing, cut in the middle of a message: every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      const wire = context.brokerWire
      const share = (seconds * 1_000) / 6
      wire.delay(300)
      context.note('wire to the broker slow')
      await Bun.sleep(share)
      wire.delay(0)
      for (let cut = 0; cut < 4; cut++) {
        wire.resetAfter(10_000 + context.chance.below(500_000))
        context.note('wire to the broker cut in the middle of a message')
        await Bun.sleep(share / 2)
      }
      wire.swallow(true)
      context.note('wire to the broker swallows')
      await Bun.sleep(share * 2)
      wire.swallow(false)
      wire.refuse(true)
      context.note('broker refuses connections')
      await Bun.sleep(share)
      wire.refuse(false)
      await killService(context)
    },
  },
  {
    name: 'consumer-deleted',
    guarantee: 'the consumer deleted under load: made anew behind what is settled',
    store: 'embedded',
    control: 'without-lookup',
    rate: 3_000,
    async run(context, seconds) {
      for (let deletion = 0; deletion < 3; deletion++) {
        await Bun.sleep((seconds * 1_000) / 3)
        const connection = await connect({ servers: context.broker.url })
        await (await connection.jetstreamManager()).consumers.delete('EVENTS', 'analytics').catch(() => false)
        await connection.close()
        context.note('consumer deleted')
      }
      await killService(context)
    },
  },
]

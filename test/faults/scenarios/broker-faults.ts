/** What befalls the broker and the wire to it. */
import { connect } from 'nats'
import type { Scenario } from '../scenario.ts'
import type { World } from '../context.ts'

async function killBroker(world: World, downMs: number): Promise<void> {
  await world.broker.kill9()
  world.note('broker killed')
  await Bun.sleep(downMs)
  await world.broker.restart()
}

async function killService(world: World): Promise<void> {
  await world.service.kill()
  world.note('service killed')
  await world.service.start()
}

export const BROKER_FAULTS: readonly Scenario[] = [
  {
    name: 'broker-killed',
    guarantee: 'the broker killed three times under load: every event once, no restart of the service',
    store: 'embedded',
    control: 'without-lookup',
    rate: 3_000,
    async run(world, seconds) {
      for (let kill = 0; kill < 3; kill++) {
        await Bun.sleep((seconds * 1_000) / 3)
        await killBroker(world, 500 + world.chance.below(1_500))
      }
      // At once after the broker came back, so that the control has deliveries that come twice.
      await killService(world)
    },
  },
  {
    name: 'broker-paused',
    guarantee: 'the broker paused for 20 seconds: it resumes by itself',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(world, seconds) {
      await Bun.sleep(1_000)
      const { pid } = world.broker
      world.pause(pid)
      world.note('broker paused')
      await Bun.sleep(seconds * 1_000)
      world.resume(pid)
      await Bun.sleep(3_000)
      await killService(world)
    },
  },
  {
    name: 'broker-late',
    guarantee: 'the broker not there at the start: the service waits for it',
    store: 'embedded',
    control: 'without-dead-letters',
    rate: 2_000,
    async run(world, seconds) {
      await world.service.kill()
      await world.broker.kill9()
      world.note('broker down at the start of the service')
      await world.service.start()
      await Bun.sleep(seconds * 1_000)
      await world.broker.restart()
      await Bun.sleep(2_000)
    },
  },
  {
    name: 'broker-wire',
    guarantee: 'the wire to the broker slow, swallowing, cut in the middle of a message: every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(world, seconds) {
      const wire = world.brokerWire
      const share = (seconds * 1_000) / 6
      wire.delay(300)
      world.note('wire to the broker slow')
      await Bun.sleep(share)
      wire.delay(0)
      for (let cut = 0; cut < 4; cut++) {
        wire.resetAfter(10_000 + world.chance.below(500_000))
        world.note('wire to the broker cut in the middle of a message')
        await Bun.sleep(share / 2)
      }
      wire.swallow(true)
      world.note('wire to the broker swallows')
      await Bun.sleep(share * 2)
      wire.swallow(false)
      wire.refuse(true)
      world.note('broker refuses connections')
      await Bun.sleep(share)
      wire.refuse(false)
      await killService(world)
    },
  },
  {
    name: 'consumer-deleted',
    guarantee: 'the consumer deleted under load: made anew behind what is settled',
    store: 'embedded',
    control: 'without-lookup',
    rate: 3_000,
    async run(world, seconds) {
      for (let deletion = 0; deletion < 3; deletion++) {
        await Bun.sleep((seconds * 1_000) / 3)
        const connection = await connect({ servers: world.broker.url })
        await (await connection.jetstreamManager()).consumers.delete('EVENTS', 'analytics').catch(() => false)
        await connection.close()
        world.note('consumer deleted')
      }
      await killService(world)
    },
  },
]

/** All of it at random. */
import { connect } from 'nats'
import type { Scenario } from '../scenario.ts'
import type { FaultContext } from '../context.ts'
import { BAD_ANSWERS } from './store-faults.ts'

type Damage = (context: FaultContext) => Promise<void>

const DAMAGES: Readonly<Record<string, Damage>> = {
  async 'service killed'(context) {
    await context.service.kill()
    await Bun.sleep(context.chance.below(1_000))
    await context.service.start()
  },
  async 'service stopped'(context) {
    await context.service.stop()
    await context.service.start()
  },
  async 'service paused'(context) {
    context.service.signal('SIGSTOP')
    await Bun.sleep(500 + context.chance.below(6_000))
    context.service.signal('SIGCONT')
  },
  async 'broker killed'(context) {
    await context.broker.kill9()
    await Bun.sleep(context.chance.below(3_000))
    await context.broker.restart()
  },
  async 'broker paused'(context) {
    const { pid } = context.broker
    context.pause(pid)
    await Bun.sleep(500 + context.chance.below(8_000))
    context.resume(pid)
  },
  async 'consumer deleted'(context) {
    const connection = await connect({ servers: context.broker.url })
    await (await connection.jetstreamManager()).consumers.delete('EVENTS', 'analytics').catch(() => false)
    await connection.close()
  },
  async 'wire to the broker slow'({ brokerWire, chance }) {
    brokerWire.delay(50 + chance.below(500))
    await Bun.sleep(3_000)
    brokerWire.delay(0)
  },
  async 'wire to the broker swallows'({ brokerWire, chance }) {
    brokerWire.swallow(true)
    await Bun.sleep(chance.below(10_000))
    brokerWire.swallow(false)
  },
  async 'wire to the broker cut in the middle'({ brokerWire, chance }) {
    brokerWire.resetAfter(chance.below(2_000_000))
    await Bun.sleep(2_000)
  },
  async 'broker refuses connections'({ brokerWire, chance }) {
    brokerWire.refuse(true)
    await Bun.sleep(chance.below(5_000))
    brokerWire.refuse(false)
  },
  async 'slow dashboards'(context) {
    const ask = () => context.service.get('/api/v1/analytics/messages?timeRange=90d&granularity=hour', 'tenant-0')
    await Promise.allSettled(Array.from({ length: 8 }, ask))
  },
}

const SERVER_DAMAGES: Readonly<Record<string, Damage>> = {
  ...DAMAGES,
  async 'store killed'(context) {
    await context.killFront()
    await Bun.sleep(context.chance.below(5_000))
    await context.startFront()
  },
  async 'store answers badly'(context) {
    await context.front.fault(context.chance.pick(BAD_ANSWERS))
    await Bun.sleep(1_000)
  },
  async 'store slow'(context) {
    await context.front.fault({ match: 'INSERT INTO analytics_events', delayMs: 5_000, times: 3 })
    await Bun.sleep(5_000)
  },
  async 'wire to the store cut'(context) {
    context.storeWire!.resetAfter(context.chance.below(3_000))
    await Bun.sleep(1_000)
  },
  async 'wire to the store swallows'(context) {
    context.storeWire!.swallow(true)
    await Bun.sleep(context.chance.below(10_000))
    context.storeWire!.swallow(false)
  },
}

const atRandom = (damages: Readonly<Record<string, Damage>>) => async (context: FaultContext, seconds: number) => {
  const until = performance.now() + seconds * 1_000
  const longestPauseMs = Math.min(30_000, seconds * 250)
  while (performance.now() < until) {
    // Time to catch up now and then: what never runs cannot go wrong.
    await Bun.sleep(Math.min(longestPauseMs, 2_000 + context.chance.below(context.chance.hits(0.2) ? 30_000 : 6_000)))
    const [what, damage] = context.chance.pick(Object.entries(damages))
    context.note(what)
    await damage(context)
  }
}

export const RANDOM_FAULTS: readonly Scenario[] = [
  {
    name: 'random',
    guarantee: 'all faults at random on the embedded store: every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 5_000,
    run: atRandom(DAMAGES),
  },
  {
    name: 'random-server',
    guarantee: 'all faults at random before a server: every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 3_000,
    run: atRandom(SERVER_DAMAGES),
  },
]

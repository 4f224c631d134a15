/** All of it at random. */
import { connect } from 'nats'
import type { Scenario } from '../scenario.ts'
import type { World } from '../context.ts'
import { BAD_ANSWERS } from './store-faults.ts'

type Damage = (world: World) => Promise<void>

const DAMAGES: Readonly<Record<string, Damage>> = {
  async 'service killed'(world) {
    await world.service.kill()
    await Bun.sleep(world.chance.below(1_000))
    await world.service.start()
  },
  async 'service stopped'(world) {
    await world.service.stop()
    await world.service.start()
  },
  async 'service paused'(world) {
    world.service.signal('SIGSTOP')
    await Bun.sleep(500 + world.chance.below(6_000))
    world.service.signal('SIGCONT')
  },
  async 'broker killed'(world) {
    await world.broker.kill9()
    await Bun.sleep(world.chance.below(3_000))
    await world.broker.restart()
  },
  async 'broker paused'(world) {
    const { pid } = world.broker
    world.pause(pid)
    await Bun.sleep(500 + world.chance.below(8_000))
    world.resume(pid)
  },
  async 'consumer deleted'(world) {
    const connection = await connect({ servers: world.broker.url })
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
  async 'slow dashboards'(world) {
    const ask = () => world.service.get('/api/v1/analytics/messages?timeRange=90d&granularity=hour', 'tenant-0')
    await Promise.allSettled(Array.from({ length: 8 }, ask))
  },
}

const SERVER_DAMAGES: Readonly<Record<string, Damage>> = {
  ...DAMAGES,
  async 'store killed'(world) {
    await world.killFront()
    await Bun.sleep(world.chance.below(5_000))
    await world.startFront()
  },
  async 'store answers badly'(world) {
    await world.front.fault(world.chance.pick(BAD_ANSWERS))
    await Bun.sleep(1_000)
  },
  async 'store slow'(world) {
    await world.front.fault({ match: 'INSERT INTO analytics_events', delayMs: 5_000, times: 3 })
    await Bun.sleep(5_000)
  },
  async 'wire to the store cut'(world) {
    world.storeWire!.resetAfter(world.chance.below(3_000))
    await Bun.sleep(1_000)
  },
  async 'wire to the store swallows'(world) {
    world.storeWire!.swallow(true)
    await Bun.sleep(world.chance.below(10_000))
    world.storeWire!.swallow(false)
  },
}

const atRandom = (damages: Readonly<Record<string, Damage>>) => async (world: World, seconds: number) => {
  const until = performance.now() + seconds * 1_000
  const longestPauseMs = Math.min(30_000, seconds * 250)
  while (performance.now() < until) {
    // Time to catch up now and then: what never runs cannot go wrong.
    await Bun.sleep(Math.min(longestPauseMs, 2_000 + world.chance.below(world.chance.hits(0.2) ? 30_000 : 6_000)))
    const [what, damage] = world.chance.pick(Object.entries(damages))
    world.note(what)
    await damage(world)
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

/** What befalls the store and the wire to it. */
import type { Fault } from '../../support/clickhouse-front/faults.ts'
import type { Scenario } from '../scenario.ts'

const INSERT = 'INSERT INTO analytics_events'
export const HTML_ANSWER = { status: 502, body: '<html>Bad Gateway</html>' }

/** Each kind of answer a server in trouble gives, twice. */
export const BAD_ANSWERS: readonly Fault[] = [
  { match: INSERT, at: 'after', drop: true, times: 2 },
  { match: INSERT, at: 'before', drop: true, times: 2 },
  { match: INSERT, at: 'after', fail: HTML_ANSWER, times: 2 },
  { match: INSERT, at: 'after', fail: { status: 200, body: 'Code: 241. DB::Exception: late\n' }, times: 2 },
  { match: INSERT, abandonMs: 1_000, times: 2 },
  ...[252, 241, 159, 164, 243, 425].map((code) => ({ match: INSERT, fail: { status: 500, code }, times: 2 })),
  { match: 'find_stored_ids', fail: { status: 503 }, times: 2 },
  { match: 'KILL QUERY', fail: HTML_ANSWER, times: 2 },
]

export const STORE_FAULTS: readonly Scenario[] = [
  {
    name: 'store-answers',
    guarantee:
      'answers lost after an insert was applied or before, late errors, and every code of a store in trouble: every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 1_000,
    // With a filter no lookup of new events reaches the store, and one of the faults would never happen.
    env: { ID_FILTER_MEMORY_MB: '0' },
    async run(context, seconds) {
      for (const fault of BAD_ANSWERS) {
        await context.front.fault(fault)
        context.note(`store fault: ${JSON.stringify(fault)}`)
        await Bun.sleep((seconds * 1_000) / BAD_ANSWERS.length)
      }
    },
  },
  {
    name: 'store-down',
    guarantee:
      'the store killed and away: intake stops at its bounds, dashboards fail, everything lands when it is back',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      for (let kill = 0; kill < 3; kill++) {
        await Bun.sleep(2_000)
        await context.killFront()
        context.note('store killed')
        await Bun.sleep((seconds * 1_000) / 3)
        await context.startFront()
      }
      await Bun.sleep(3_000)
      await context.service.kill()
      context.note('service killed')
    },
  },
  {
    name: 'store-slow',
    guarantee: 'a store that takes five seconds an insert: backpressure, then everything lands',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      await context.front.fault({ match: INSERT, delayMs: 5_000, times: 0 })
      context.note('store slow')
      await Bun.sleep(seconds * 1_000)
      await context.service.kill()
      context.note('service killed')
      await context.service.start()
      await Bun.sleep(5_000)
    },
  },
  {
    name: 'store-wire',
    guarantee: 'the wire to the store slow, swallowing, cut in the middle of an answer: every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      const wire = context.storeWire!
      const share = (seconds * 1_000) / 5
      wire.delay(200)
      context.note('wire to the store slow')
      await Bun.sleep(share)
      wire.delay(0)
      for (let cut = 0; cut < 8; cut++) {
        if (cut % 2 === 0) wire.resetAfter(context.chance.below(2_000))
        else wire.cut()
        context.note('wire to the store cut')
        await Bun.sleep(share / 4)
      }
      wire.swallow(true)
      context.note('wire to the store swallows')
      await Bun.sleep(share)
      wire.swallow(false)
      wire.refuse(true)
      context.note('store refuses connections')
      await Bun.sleep(share)
    },
  },
  {
    name: 'redelivery-storm',
    guarantee: 'everything delivered again and again while the store is slow: every event once, memory bounded',
    store: 'server',
    control: 'without-lookup',
    rate: 3_000,
    async run(context, seconds) {
      await context.front.fault({ match: INSERT, delayMs: 700, times: 0 })
      context.note('store slow')
      const until = performance.now() + seconds * 1_000
      while (performance.now() < until) {
        await Bun.sleep(1_000)
        context.brokerWire.cut()
        context.note('wire to the broker cut')
      }
      await context.service.kill()
      context.note('service killed')
    },
  },
]

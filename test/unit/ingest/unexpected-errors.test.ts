import { describe, expect, test } from 'bun:test'
import { EventLoopYielder } from '../../../src/base/event-loop-yielding.ts'
import { Quotas } from '../../../src/ingest/quotas.ts'
import type { UnexpectedErrorPlace } from '../../../src/base/unexpected-errors.ts'
import { deliveryOf, envelope } from '../../support/ingest/event-samples.ts'
import { ingestFixture } from '../../support/ingest/ingest-fixture.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'

type ServiceFixture = Awaited<ReturnType<typeof ingestFixture>>
type ServiceFixtureOptions = NonNullable<Parameters<typeof ingestFixture>[0]>

const EVENTS = 20
const BAD = 3

/** Wraps a method so that its first `times` calls throw. */
function failing<Arguments extends readonly unknown[], Result>(
  times: number,
  method: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let left = times
  return (...args) => {
    if (left-- > 0) throw new TypeError('Nobody expected this.')
    return method(...args)
  }
}

/** Wraps a method of an object with `failing`. */
function plant(object: object, name: string, times = 1): void {
  const target = object as Record<string, (...args: unknown[]) => unknown>
  target[name] = failing(times, target[name]!.bind(object))
}

/** A quota that one tenant exceeds, so that its events are deferred. */
function delaying(): ServiceFixtureOptions {
  const quotas = new Quotas({ eventsPerSecond: 0, byTenant: new Map([['slow', 1]]), clock: new ManualClock(0) })
  return { quotas, deferredSink: { fits: () => true, put: () => Promise.resolve() } }
}

/** The loop of the writer fails: it yields before each lookup. */
function failingWriter(times: number): ServiceFixtureOptions {
  const yielder = new EventLoopYielder()
  plant(yielder, 'yieldIfBusy', times)
  return { yielder }
}

const OBSERVER = { begin: () => undefined, end: () => {} }

/** The place of the error, and how it is set up: in the options of the fixture, or on the open fixture. */
const PLANTS: readonly (readonly [string, () => ServiceFixtureOptions, (on: ServiceFixture) => void])[] = [
  ['the buffer, when it asks for a partition', () => ({}), ({ store }) => plant(store, 'storePartitionOf', 2)],
  ['the writer', () => failingWriter(1), () => {}],
  ['the writer, repeatedly', () => failingWriter(5), () => {}],
  ['the commit, at the lookup', () => ({}), ({ store }) => plant(store, 'findStored', 2)],
  ['the commit, at the insert', () => ({}), ({ store }) => plant(store, 'insertRows', 2)],
  ['the commit, after the insert took effect', () => ({}), ({ store }) => plant(store, 'after')],
  ['the settlement of what was stored', () => ({}), ({ metrics }) => plant(metrics.eventsStored, 'add')],
  ['the metrics of a commit', () => ({}), ({ metrics }) => plant(metrics.flushSize, 'observe')],
  ['the acknowledgement', () => ({}), ({ source }) => plant(source, 'acknowledge')],
  ['the acknowledgement, repeatedly', () => ({}), ({ source }) => plant(source, 'acknowledge', 4)],
  ['the waking of the source', () => ({}), ({ source }) => plant(source, 'wake')],
  ['the dead letters, after they are stored', () => ({}), ({ metrics }) => plant(metrics.eventsDeadLettered, 'add', 2)],
  ['live streams, before a commit', () => ({ observer: { ...OBSERVER, begin: failing(1, OBSERVER.begin) } }), () => {}],
  ['live streams, after a commit', () => ({ observer: { ...OBSERVER, end: failing(1, OBSERVER.end) } }), () => {}],
  ['the router', delaying, () => {}],
  ['the deferred events, after they are stored', delaying, ({ metrics }) => plant(metrics.eventsDeferred, 'add')],
  ['the log of a commit', () => ({ logger: { ...silentLogger, info: failing(1, silentLogger.info) } }), () => {}],
]

describe('an unexpected error is reported, loses no event, and its stage continues:', () => {
  test.each(PLANTS)('in %s', async (where, options, sow) => {
    const reported: UnexpectedErrorPlace[] = []
    const chosen = options()
    if (where === 'the router') plant(chosen.quotas!, 'admits', 2)
    const on = await ingestFixture({ ...chosen, report: (place) => reported.push(place) })
    const { clock, store, letters, source, ingestion, metrics, deliver } = on
    sow(on)
    let sequence = 0
    const wave = async () => {
      for (let n = 0; n < EVENTS; n++) await deliver(++sequence)
      for (let n = 0; n < BAD; n++) await deliver(++sequence, 'no json')
      for (let n = 0; n < BAD; n++)
        await deliver(++sequence, envelope({}, { eventId: `s${sequence}`, tenantId: 'slow' }))
      await clock.advance(60_000)
    }
    await wave()
    await wave()
    expect(reported.length).toBeGreaterThan(0)
    expect(new Set(reported)).toEqual(new Set(['ingestion']))
    const { totals, inFlight, unbalanced } = ingestion.reconcile()
    expect({ inFlight, unbalanced, delivered: totals.delivered }).toEqual({
      inFlight: 0,
      unbalanced: [],
      delivered: sequence,
    })
    expect(new Set(store.rows.map(({ id }) => id)).size).toBe(store.rows.length)
    expect(store.rows.length + totals.deferred).toBe(2 * (EVENTS + BAD))
    expect(new Set(letters.letters.map(({ delivery }) => delivery.sequence)).size).toBe(2 * BAD)
    expect([source.acknowledged.at(-1), ingestion.budget.events, metrics.inFlightEvents.value()]).toEqual([
      sequence,
      0,
      0,
    ])
  })

  test('in decoding a message, which becomes a dead letter; the others are stored', async () => {
    const reported: UnexpectedErrorPlace[] = []
    const { clock, store, letters, source, handler, deliver } = await ingestFixture({
      report: (place) => reported.push(place),
    })
    const odd = deliveryOf(1)
    // When it is scanned, and when it is parsed.
    let left = 2
    Object.defineProperty(odd, 'subject', {
      get() {
        if (left-- > 0) throw new TypeError('Nobody expected this.')
        return 'pipeline.message.sent'
      },
    })
    handler.deliver(odd)
    await deliver(2)
    await clock.advance(1_000)
    expect(letters.letters.map(({ reason }) => reason)).toEqual(['processing_failed'])
    expect([store.rows.length, source.acknowledged.at(-1), reported]).toEqual([1, 2, ['ingestion', 'ingestion']])
  })

  test('in an actor, when its failure cannot be logged', async () => {
    const logger = { ...silentLogger, error: failing(1, silentLogger.error) }
    const { clock, store, source, ingestion, handler, deliver } = await ingestFixture({ logger, report: () => {} })
    const odd = deliveryOf(1)
    Object.defineProperty(odd, 'messageId', { get: failing(1, () => undefined) })
    handler.deliver(odd)
    await deliver(2)
    await clock.advance(5_000)
    await deliver(3)
    await clock.advance(1_000)
    expect([store.rows.length, source.acknowledged.at(-1), ingestion.reconcile().unbalanced]).toEqual([3, 3, []])
  })

  test('between two messages of an actor, which continues with its mailbox', async () => {
    const reported: UnexpectedErrorPlace[] = []
    const { clock, store, source, ingestion, handler, deliver } = await ingestFixture({
      report: (place) => reported.push(place),
    })
    const monotonic = clock.monotonic.bind(clock)
    for (let sequence = 1; sequence <= 4; sequence++)
      handler.deliver(deliveryOf(sequence, envelope({}, { eventId: `e${sequence}` })))
    // Called at the start and for the first actor, then between its messages.
    let looks = 0
    clock.monotonic = () => {
      if (++looks === 5) throw new TypeError('Nobody expected this.')
      return monotonic()
    }
    await deliver(5)
    await clock.advance(2_000)
    expect([store.rows.length, source.acknowledged.at(-1), reported]).toEqual([5, 5, ['ingestion']])
    expect(ingestion.reconcile()).toMatchObject({ inFlight: 0, unbalanced: [] })
  })

  test('in the router at each attempt of one message, which becomes a dead letter; the others are stored', async () => {
    const quotas = new Quotas({ eventsPerSecond: 0, byTenant: new Map(), clock: new ManualClock(0) })
    const admits = quotas.admits.bind(quotas)
    quotas.admits = (tenantId) => {
      if (tenantId === 'odd') throw new TypeError('Nobody expected this.')
      return admits(tenantId)
    }
    const { clock, store, letters, ingestion, deliver } = await ingestFixture({ quotas, report: () => {} })
    await deliver(1, envelope({}, { eventId: 'o', tenantId: 'odd' }))
    await deliver(2)
    await clock.advance(500)
    expect([store.rows.length, ingestion.reconcile().unbalanced]).toEqual([1, []])
    await clock.advance(10_000)
    expect(letters.letters.map(({ reason }) => reason)).toEqual(['processing_failed'])
    expect(ingestion.reconcile()).toMatchObject({ inFlight: 0, unbalanced: [] })
  })

  test('and it is logged with its stack and counted by default', async () => {
    const lines: [string, unknown][] = []
    const logger = { ...silentLogger, error: (message: string, fields?: object) => void lines.push([message, fields]) }
    const { clock, store, metrics, deliver } = await ingestFixture({ logger, ...failingWriter(1) })
    await deliver(1)
    await clock.advance(5_000)
    expect(store.rows.length).toBe(1)
    expect(metrics.unexpectedErrors.value({ where: 'ingestion' })).toBe(1)
    expect(lines).toMatchObject([
      ['unexpected error', { where: 'ingestion', part: 'writer', stack: expect.stringContaining('TypeError') }],
    ])
  })
})

import { describe, expect, test } from 'bun:test'
import { findEventDefinition } from '../../../src/events/catalogue.ts'
import { type EventEnvelope, parseEventEnvelope } from '../../../src/events/event-envelope.ts'
import { AckFloor } from '../../../src/ingest/accounting/ack-floor.ts'
import { Ledger } from '../../../src/ingest/accounting/ledger.ts'
import type { Delivery } from '../../../src/ingest/ports.ts'
import { Supervisor } from '../../../src/ingest/actors/supervisor.ts'
import type { ActorMessage } from '../../../src/ingest/actors/tenant-actor.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { deliveryOf, envelope, NOW } from '../../support/ingest/event-samples.ts'
import { ManualClock, settled } from '../../support/base/manual-clock.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'

const kind = findEventDefinition('pipeline.message.sent')!
const ledger = new Ledger()
const floor = new AckFloor(() => {})
let ticketCount = 0

function messageOf(sequence: number, tenantId = 't1', fields: Partial<Delivery> = {}): ActorMessage {
  const delivery = deliveryOf(sequence, envelope({ messageId: `m${sequence}` }, { tenantId }), {})
  Object.defineProperties(delivery, Object.getOwnPropertyDescriptors(fields))
  const opened = parseEventEnvelope(delivery.data) as EventEnvelope
  const ticket = floor.track({ sequence: ++ticketCount, publishedAt: NOW })!
  return { delivery, pending: ticket, account: ledger.accountOf(tenantId), kind, envelope: opened, failures: 0 }
}

/** A delivery that makes its actor throw the first `times` times. */
function poison(times: number): Partial<Delivery> {
  let left = times
  return {
    get messageId(): undefined {
      if (left-- > 0) throw new Error('poison')
      return undefined
    },
  }
}

function stage({ bufferSize = 3, flushIntervalMs = 500, clock = new ManualClock(NOW) } = {}) {
  const rejected: [number, string][] = []
  const idle: string[] = []
  const metrics = createServiceMetrics()
  let dueSignals = 0
  const supervisor = new Supervisor({
    bufferSize,
    flushIntervalMs,
    clock,
    logger: silentLogger,
    report: () => {},
    metrics,
    onFlushDue: () => dueSignals++,
    onIdle: (tenantId) => idle.push(tenantId) > 0,
    onRejected: ({ delivery }, { reason }) => rejected.push([delivery.sequence, reason]),
  })
  const post = (...messages: ActorMessage[]) => {
    for (const message of messages) supervisor.post(message)
    return settled()
  }
  const take = (limit = 1_000) =>
    supervisor.take(limit).map(({ delivery, row }) => `${row.tenant_id}:${delivery.sequence}`)
  return { clock, supervisor, metrics, rejected, idle, post, take, dueSignals: () => dueSignals }
}

/** Time passes whenever it is looked at, as while something expensive is done. */
class BusyClock extends ManualClock {
  #passed = 0

  override monotonic(): number {
    return super.monotonic() + this.#passed++
  }
}

describe('actors that have much to do', () => {
  test('let everything else in after a while, go on in order, and no actor waits for another to finish', async () => {
    const { clock, supervisor, post, take } = stage({ clock: new BusyClock(NOW) })
    const messages = Array.from({ length: 200 }, (_, index) => messageOf(index + 1, 'busy'))
    await post(...messages, messageOf(1, 'other'))
    expect(supervisor.bufferedCount).toBeGreaterThan(0)
    expect(supervisor.bufferedCount).toBeLessThan(50)
    const taken: string[] = []
    for (let turn = 0; turn < 50; turn++) {
      taken.push(...take())
      await clock.advance(0)
    }
    expect(taken.indexOf('other:1')).toBeLessThan(50)
    expect(taken.filter((event) => event !== 'other:1')).toEqual(
      messages.map(({ delivery }) => `busy:${delivery.sequence}`),
    )
  })
})

describe('a flush is due', () => {
  test('when a buffer reaches its size, not before', async () => {
    const { supervisor, post, take, dueSignals } = stage({ bufferSize: 3 })
    await post(messageOf(1), messageOf(2))
    expect([supervisor.isFlushDue, supervisor.bufferedCount, dueSignals()]).toEqual([false, 2, 0])
    await post(messageOf(3))
    expect([supervisor.isFlushDue, dueSignals()]).toEqual([true, 1])
    expect(take()).toEqual(['t1:1', 't1:2', 't1:3'])
    expect(supervisor.bufferedCount).toBe(0)
  })

  test('when a buffer reaches its age, counted from the oldest event that is buffered; everything goes along then', async () => {
    const { clock, supervisor, post, take } = stage()
    await post(messageOf(1))
    await clock.advance(300)
    await post(messageOf(2), messageOf(3, 't2'))
    await clock.advance(199)
    expect(supervisor.isFlushDue).toBe(false)
    await clock.advance(1)
    expect(supervisor.isFlushDue).toBe(true)
    expect(take()).toEqual(['t1:1', 't1:2', 't2:3'])
    expect(supervisor.isFlushDue).toBe(false)
  })

  test('again for what arrives after a flush, by its own age', async () => {
    const { clock, supervisor, post, take } = stage()
    await post(messageOf(1))
    await clock.advance(500)
    expect(take()).toEqual(['t1:1'])
    await post(messageOf(2))
    await clock.advance(499)
    expect(supervisor.isFlushDue).toBe(false)
    await clock.advance(1)
    expect(supervisor.isFlushDue).toBe(true)
  })

  test('still for what a batch had no room for', async () => {
    const { supervisor, post, take } = stage({ bufferSize: 3 })
    await post(messageOf(1), messageOf(2), messageOf(3))
    expect(take(2)).toEqual(['t1:1', 't1:2'])
    expect(supervisor.isFlushDue).toBe(true)
    expect(take(2)).toEqual(['t1:3'])
    expect(supervisor.isFlushDue).toBe(false)
  })

  test('at once for everything when it is asked for, and never for nothing', async () => {
    const { supervisor, post, dueSignals } = stage()
    supervisor.flushAll()
    expect([supervisor.isFlushDue, dueSignals()]).toEqual([false, 0])
    await post(messageOf(1), messageOf(2, 't2'))
    supervisor.flushAll()
    expect([supervisor.isFlushDue, dueSignals()]).toEqual([true, 1])
  })
})

describe('taking a batch', () => {
  test('gives each due tenant its share, however much one of them has', async () => {
    const { supervisor, post, take } = stage({ bufferSize: 10 })
    const noisy = Array.from({ length: 500 }, (_, index) => messageOf(index + 1, 'noisy'))
    await post(...noisy, messageOf(501, 'a'), messageOf(502, 'b'), messageOf(503, 'b'))
    supervisor.flushAll()
    const batch = take(30)
    expect(batch).toHaveLength(30)
    expect(batch.filter((event) => !event.startsWith('noisy'))).toEqual(['a:501', 'b:502', 'b:503'])
    expect(supervisor.bufferedCount).toBe(473)
  })

  test('gives every one of more tenants than it can hold a turn', async () => {
    const { supervisor, post, take } = stage({ bufferSize: 1 })
    await post(...Array.from({ length: 40 }, (_, index) => messageOf(index + 1, `t${index % 20}`)))
    const batches = [take(10), take(10), take(10), take(10)]
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 10, 10])
    expect(
      new Set(
        batches
          .slice(0, 2)
          .flat()
          .map((event) => event.split(':')[0]),
      ).size,
    ).toBe(20)
    expect(new Set(batches.flat()).size).toBe(40)
    expect(supervisor.isFlushDue).toBe(false)
  })

  test('keeps each tenant’s order', async () => {
    const { supervisor, post, take } = stage({ bufferSize: 1 })
    await post(...[1, 2, 3, 4, 5, 6].map((sequence) => messageOf(sequence, sequence % 2 ? 'a' : 'b')))
    const taken = [...take(2), ...take(2), ...take(2)]
    expect(taken.filter((event) => event.startsWith('a'))).toEqual(['a:1', 'a:3', 'a:5'])
    expect(taken.filter((event) => event.startsWith('b'))).toEqual(['b:2', 'b:4', 'b:6'])
    expect(supervisor.bufferedCount).toBe(0)
  })
})

describe('a throw in an actor', () => {
  test('restarts that actor alone; nothing is lost, the order stays', async () => {
    const { clock, supervisor, metrics, rejected, post, take } = stage({ bufferSize: 100 })
    await post(messageOf(1), messageOf(2, 't1', poison(1)), messageOf(3), messageOf(4, 't2'))
    expect(supervisor.bufferedCount).toBe(2)
    await post(messageOf(5))
    await clock.advance(1_000)
    supervisor.flushAll()
    expect(take().sort()).toEqual(['t1:1', 't1:2', 't1:3', 't1:5', 't2:4'])
    expect(metrics.actorRestarts.total()).toBe(1)
    expect(rejected).toEqual([])
  })

  test('for the third time on one message sends that message to the dead letters, and its neighbours land', async () => {
    const { clock, supervisor, metrics, rejected, post, take } = stage({ bufferSize: 100 })
    await post(messageOf(1), messageOf(2, 't1', poison(Infinity)), messageOf(3))
    await clock.advance(5_000)
    supervisor.flushAll()
    expect(rejected).toEqual([[2, 'processing_failed']])
    expect(take()).toEqual(['t1:1', 't1:3'])
    expect(metrics.actorRestarts.total()).toBe(3)
  })

  /** The actor that had failed kept its buffer; when its age timer rang, its events were taken, stored and settled a second time. */
  test('hands its buffer to its successor, so that no event is taken twice', async () => {
    const { clock, supervisor, post, take } = stage({ bufferSize: 100, flushIntervalMs: 5_000 })
    await post(messageOf(1), messageOf(2, 't1', poison(1)))
    const taken: string[] = []
    for (let ms = 0; ms < 20_000; ms += 500) {
      await clock.advance(500)
      taken.push(...take())
    }
    supervisor.flushAll()
    taken.push(...take())
    expect(taken).toEqual(['t1:1', 't1:2'])
  })
})

test('an actor that has nothing to do goes away, and comes back with the next event', async () => {
  const { clock, supervisor, metrics, idle, post, take } = stage()
  await post(messageOf(1, 'a'), messageOf(2, 'b'))
  expect(metrics.actorsAlive.value()).toBe(2)
  await clock.advance(500)
  take()
  await post(messageOf(3, 'b'))
  await clock.advance(120_000)
  // b still holds an event that nobody took.
  expect(metrics.actorsAlive.value()).toBe(1)
  expect(take()).toEqual(['b:3'])
  await clock.advance(120_000)
  expect(metrics.actorsAlive.value()).toBe(0)
  expect(idle).toEqual(['a', 'b'])
  await post(messageOf(4, 'a'))
  await clock.advance(500)
  expect(take()).toEqual(['a:4'])
  supervisor.close()
  expect(clock.timerCount).toBe(0)
})

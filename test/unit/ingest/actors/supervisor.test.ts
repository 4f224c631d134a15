import { beforeEach, describe, expect, test } from 'bun:test'
import { findEventDefinition } from '../../../../src/events/catalogue.ts'
import { type EventEnvelope, parseEventEnvelope } from '../../../../src/events/event-envelope.ts'
import { AckFloor } from '../../../../src/ingest/accounting/ack-floor.ts'
import { Ledger } from '../../../../src/ingest/accounting/ledger.ts'
import type { Delivery } from '../../../../src/ingest/ports.ts'
import { Supervisor } from '../../../../src/ingest/actors/supervisor.ts'
import type { DecodedEvent } from '../../../../src/ingest/stages.ts'
import { EventBuffer } from '../../../../src/ingest/writer/event-buffer.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { deliveryOf, envelope, NOW } from '../../../support/ingest/event-samples.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { MemoryStore } from '../../../support/ingest/ingest-ports.ts'
import { takeAll } from '../../../support/ingest/writer-fixture.ts'

const definition = findEventDefinition('pipeline.message.sent')!
let ledger = new Ledger()
// An account belongs to one supervisor.
beforeEach(() => {
  ledger = new Ledger()
})

function messageOf(sequence: number, tenantId = 't1', fields: Partial<Delivery> = {}): DecodedEvent {
  const delivery = deliveryOf(sequence, envelope({ messageId: `m${sequence}` }, { tenantId }), {})
  Object.defineProperties(delivery, Object.getOwnPropertyDescriptors(fields))
  const opened = parseEventEnvelope(delivery.data) as EventEnvelope
  // A floor of its own, as tests make deliveries in any order.
  const pending = new AckFloor(() => {}).track(delivery)!
  return { delivery, pending, account: ledger.accountOf(tenantId), definition, envelope: opened, failures: 0 }
}

/** A delivery that makes its actor throw at the first `times` attempts. */
function poison(times: number): Partial<Delivery> {
  let left = times
  return {
    get messageId(): undefined {
      if (left-- > 0) throw new Error('poison')
      return undefined
    },
  }
}

function fixture({ bufferSize = 3, flushIntervalMs = 500, clock = new ManualClock(NOW) } = {}) {
  const rejected: [number, string][] = []
  const idle: string[] = []
  const settledTenants = new Set<string>()
  const metrics = createServiceMetrics()
  const buffer = new EventBuffer({ bufferSize, flushIntervalMs, store: new MemoryStore(), clock })
  const supervisor = new Supervisor({
    buffer,
    clock,
    logger: silentLogger,
    report: () => {},
    metrics,
    ledger: {
      release: (account) =>
        settledTenants.has(account.tenantId) && idle.push(account.tenantId) > 0 && ledger.release(account),
    },
    reject: ({ delivery }, { reason }) => rejected.push([delivery.sequence, reason]),
  })
  const post = (...messages: DecodedEvent[]) => {
    for (const message of messages) supervisor.post(message)
    return settled()
  }
  const take = () => takeAll(buffer)
  return { clock, supervisor, buffer, settledTenants, metrics, rejected, idle, post, take }
}

/** Time passes with each call, as during expensive work. */
class BusyClock extends ManualClock {
  #passed = 0

  override monotonic(): number {
    return super.monotonic() + this.#passed++
  }
}

describe('actors with many events', () => {
  test('yield to the event loop, continue in order, and no actor waits until another one is done', async () => {
    const { clock, buffer, post, take } = fixture({ clock: new BusyClock(NOW) })
    const messages = Array.from({ length: 200 }, (_, index) => messageOf(index + 1, 'busy'))
    await post(...messages, messageOf(1, 'other'))
    expect(buffer.size).toBeGreaterThan(0)
    expect(buffer.size).toBeLessThan(50)
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

describe('an unexpected error in an actor', () => {
  test('restarts this actor only; no event is lost, and the order stays', async () => {
    const { clock, buffer, metrics, rejected, post, take } = fixture({ bufferSize: 100 })
    await post(messageOf(1), messageOf(2, 't1', poison(1)), messageOf(3), messageOf(4, 't2'))
    expect(buffer.size).toBe(2)
    await post(messageOf(5))
    await clock.advance(1_000)
    buffer.flush()
    expect(take().sort()).toEqual(['t1:1', 't1:2', 't1:3', 't1:5', 't2:4'])
    expect(metrics.actorRestarts.total()).toBe(1)
    expect(rejected).toEqual([])
  })

  test('at the third attempt of one event makes it a dead letter, and the other events are buffered', async () => {
    const { clock, buffer, metrics, rejected, post, take } = fixture({ bufferSize: 100 })
    await post(messageOf(1), messageOf(2, 't1', poison(Infinity)), messageOf(3))
    await clock.advance(5_000)
    buffer.flush()
    expect(rejected).toEqual([[2, 'processing_failed']])
    expect(take()).toEqual(['t1:1', 't1:3'])
    expect(metrics.actorRestarts.total()).toBe(3)
  })

  test('repeats no event that was buffered before', async () => {
    const { clock, buffer, post, take } = fixture({ bufferSize: 100, flushIntervalMs: 5_000 })
    await post(messageOf(1), messageOf(2, 't1', poison(1)))
    const taken: string[] = []
    for (let ms = 0; ms < 20_000; ms += 500) {
      await clock.advance(500)
      taken.push(...take())
    }
    buffer.flush()
    taken.push(...take())
    expect(taken).toEqual(['t1:1', 't1:2'])
  })
})

test('an idle actor is removed once its tenant is settled, and created again for the next event', async () => {
  const { clock, supervisor, buffer, settledTenants, metrics, idle, post, take } = fixture()
  await post(messageOf(1, 'a'), messageOf(2, 'b'))
  expect(metrics.actorsAlive.value()).toBe(2)
  settledTenants.add('a')
  await clock.advance(120_000)
  expect(metrics.actorsAlive.value()).toBe(1)
  settledTenants.add('b')
  await clock.advance(120_000)
  expect(metrics.actorsAlive.value()).toBe(0)
  expect(idle).toEqual(['a', 'b'])
  await post(messageOf(3, 'a'))
  await clock.advance(500)
  expect(take()).toEqual(['a:1', 'b:2', 'a:3'])
  supervisor.close()
  buffer.close()
  expect(clock.timerCount).toBe(0)
})

import { describe, expect, test } from 'bun:test'
import { EventBuffer, MAX_BLOCK_ROWS } from '../../../../src/ingest/writer/event-buffer.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'
import { MemoryStore } from '../../../support/ingest/ingest-ports.ts'
import { bufferEvent, eventOf, type TestEvent } from '../../../support/ingest/writer-fixture.ts'

function fixture({ bufferSize = 3, flushIntervalMs = 500 } = {}) {
  const clock = new ManualClock(NOW)
  let dueSignals = 0
  const buffer = new EventBuffer({ bufferSize, flushIntervalMs, store: new MemoryStore(), clock })
  buffer.onFlushDue(() => dueSignals++)
  const add = (...events: TestEvent[]) => {
    for (const event of events) bufferEvent(buffer, event)
  }
  /** The tenant and the sequence of each event, by block. */
  const take = () =>
    buffer
      .take()
      .map(({ events, deliveries }) =>
        [...events.allRows()].map(
          (row) => `${events.columns.tenant_id.read(row)}:${deliveries.at(row).delivery.sequence}`,
        ),
      )
  return { clock, buffer, add, take, dueSignals: () => dueSignals }
}

describe('a flush is due', () => {
  test('when a buffer reaches its size, not before', () => {
    const { buffer, add, take, dueSignals } = fixture({ bufferSize: 3 })
    add(eventOf(1), eventOf(2))
    expect([buffer.isFlushDue, buffer.size, dueSignals()]).toEqual([false, 2, 0])
    add(eventOf(3))
    expect([buffer.isFlushDue, dueSignals()]).toEqual([true, 1])
    expect(take()).toEqual([['t1:1', 't1:2', 't1:3']])
    expect(buffer.size).toBe(0)
  })

  test('when a buffer reaches its age, counted from the oldest buffered event; it is due for all events then', async () => {
    const { clock, buffer, add, take } = fixture()
    add(eventOf(1))
    await clock.advance(300)
    add(eventOf(2), eventOf(3, { tenant_id: 't2' }))
    await clock.advance(199)
    expect(buffer.isFlushDue).toBe(false)
    await clock.advance(1)
    expect(buffer.isFlushDue).toBe(true)
    expect(take()).toEqual([['t1:1', 't1:2', 't2:3']])
    expect(buffer.isFlushDue).toBe(false)
  })

  test('again for events that arrive after a flush, by their own age', async () => {
    const { clock, buffer, add, take } = fixture()
    add(eventOf(1))
    await clock.advance(500)
    expect(take()).toEqual([['t1:1']])
    add(eventOf(2))
    await clock.advance(499)
    expect(buffer.isFlushDue).toBe(false)
    await clock.advance(1)
    expect(buffer.isFlushDue).toBe(true)
  })

  test('at once for all events when it is requested, and never for an empty buffer', () => {
    const { buffer, add, dueSignals } = fixture()
    buffer.flush()
    expect([buffer.isFlushDue, dueSignals()]).toEqual([false, 0])
    add(eventOf(1), eventOf(2, { tenant_id: 't2' }))
    buffer.flush()
    expect([buffer.isFlushDue, dueSignals()]).toEqual([true, 1])
  })
})

describe('taking blocks', () => {
  test('returns one block per partition, in the order of arrival', () => {
    const { buffer, add, take } = fixture()
    const lastMonth = NOW - 31 * 86_400_000
    add(
      eventOf(1),
      eventOf(2, { occurred_at: lastMonth, tenant_id: 't2' }),
      eventOf(3),
      eventOf(4, { occurred_at: lastMonth }),
    )
    buffer.flush()
    expect(take()).toEqual([
      ['t1:1', 't1:3'],
      ['t2:2', 't1:4'],
    ])
    expect(buffer.size).toBe(0)
  })

  test('returns a full block alone; the rest stays due', () => {
    const { buffer, add, take } = fixture({ bufferSize: Infinity })
    add(...Array.from({ length: MAX_BLOCK_ROWS + 2 }, (_, index) => eventOf(index + 1)))
    expect([buffer.isFlushDue, buffer.isFull]).toEqual([true, true])
    expect(take().map((block) => block.length)).toEqual([MAX_BLOCK_ROWS])
    expect([buffer.isFlushDue, buffer.isFull, buffer.size]).toEqual([true, false, 2])
    expect(take()).toEqual([[`t1:${MAX_BLOCK_ROWS + 1}`, `t1:${MAX_BLOCK_ROWS + 2}`]])
    expect(buffer.isFlushDue).toBe(false)
  })
})

describe('a block that is stored', () => {
  /** Stores a block of events of tenants with these numbers; returns it as it was. */
  const store = (buffer: EventBuffer, from: number, to: number, fields: Partial<EventRow> = {}) => {
    for (let index = from; index < to; index++)
      bufferEvent(buffer, eventOf(index, { tenant_id: `tenant-${index}`, ...fields }, `name ${index}`))
    buffer.flush()
    const [block] = buffer.take()
    const { events, deliveries } = block!
    const seen = {
      events,
      tenantIds: events.tenantIds,
      sequences: [...events.allRows()].map((row) => deliveries.at(row).delivery.sequence),
      names: events.namesOf(events.allRows()).observations().length,
      byteLength: events.byteLength + deliveries.byteLength,
    }
    buffer.recycle(block!)
    return seen
  }

  test('is used again without what it contained: memory does not grow with tenants that are seen once', () => {
    const { buffer } = fixture({ bufferSize: Infinity })
    const first = store(buffer, 1, 2_001)
    for (let from = 2_001; from < 20_001; from += 2_000) {
      const seen = store(buffer, from, from + 2_000)
      const numbers = Array.from({ length: 2_000 }, (_, index) => from + index)
      expect(seen.events).toBe(first.events)
      expect(seen.tenantIds).toEqual(numbers.map((number) => `tenant-${number}`))
      expect([seen.sequences, seen.names]).toEqual([numbers, 2_000])
      expect(seen.byteLength).toBeLessThanOrEqual(first.byteLength * 1.5)
    }
  })

  test('is not used again when its events were large', () => {
    const { buffer } = fixture({ bufferSize: Infinity })
    const large = store(buffer, 1, 41, { metadata: JSON.stringify({ text: 'x'.repeat(1_000_000) }) })
    expect(store(buffer, 41, 42).events).not.toBe(large.events)
  })
})

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
  /** The tenant and the sequence of each event of the next block. */
  const take = () => {
    const { events, deliveries } = buffer.take()!
    return Array.from(
      events.allRows(),
      (row) => `${events.columns.tenant_id.read(row)}:${deliveries.at(row).delivery.sequence}`,
    )
  }
  return { clock, buffer, add, take, dueSignals: () => dueSignals }
}

describe('a flush is due', () => {
  test('when a buffer reaches its size, not before', () => {
    const { buffer, add, take, dueSignals } = fixture({ bufferSize: 3 })
    add(eventOf(1), eventOf(2))
    expect([buffer.isFlushDue, buffer.size, dueSignals()]).toEqual([false, 2, 0])
    add(eventOf(3))
    expect([buffer.isFlushDue, dueSignals()]).toEqual([true, 1])
    expect(take()).toEqual(['t1:1', 't1:2', 't1:3'])
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
    expect(take()).toEqual(['t1:1', 't1:2', 't2:3'])
    expect(buffer.isFlushDue).toBe(false)
  })

  test('again for events that arrive after a flush, by their own age', async () => {
    const { clock, buffer, add, take } = fixture()
    add(eventOf(1))
    await clock.advance(500)
    expect(take()).toEqual(['t1:1'])
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
  const MONTH_MS = 31 * 86_400_000
  const at = (index: number, monthsAgo: number) => eventOf(index, { occurred_at: NOW - monthsAgo * MONTH_MS })

  test('returns one partition at a time, the oldest block first, with its events in the order of arrival', () => {
    const { buffer, add, take } = fixture()
    add(at(1, 0), eventOf(2, { occurred_at: NOW - MONTH_MS, tenant_id: 't2' }), at(3, 0), at(4, 1))
    buffer.flush()
    expect(buffer.isFlushBegun).toBe(false)
    expect(take()).toEqual(['t1:1', 't1:3'])
    expect([buffer.isFlushDue, buffer.isFlushBegun]).toEqual([true, true])
    expect(take()).toEqual(['t2:2', 't1:4'])
    expect([buffer.isFlushDue, buffer.isFlushBegun, buffer.size]).toEqual([false, false, 0])
    expect(buffer.take()).toBeUndefined()
  })

  test('lets a block grow until it is taken, and puts events of a partition that was taken into the next flush', async () => {
    const { clock, buffer, add, take } = fixture({ bufferSize: Infinity })
    add(at(1, 0), at(2, 1))
    buffer.flush()
    expect(take()).toEqual(['t1:1'])
    add(at(3, 0), at(4, 1))
    expect(take()).toEqual(['t1:2', 't1:4'])
    expect([buffer.isFlushDue, buffer.size]).toEqual([false, 1])
    await clock.advance(500)
    expect(take()).toEqual(['t1:3'])
  })

  test('ends a flush before the next one begins, also when that became due meanwhile', () => {
    const { buffer, add, take } = fixture({ bufferSize: 2 })
    add(at(1, 0), at(2, 1))
    expect(take()).toEqual(['t1:1'])
    add(at(3, 0), at(4, 0), at(5, 2), at(6, 2))
    expect(take()).toEqual(['t1:2'])
    expect([buffer.isFlushDue, buffer.isFlushBegun]).toEqual([true, false])
    expect(take()).toEqual(['t1:3', 't1:4'])
    expect(buffer.isFlushBegun).toBe(true)
    expect(take()).toEqual(['t1:5', 't1:6'])
    expect([buffer.isFlushDue, buffer.size]).toEqual([false, 0])
  })

  test('returns a full block alone and before others, which are due then', () => {
    const { buffer, add, take } = fixture({ bufferSize: Infinity })
    add(at(0, 1))
    add(...Array.from({ length: MAX_BLOCK_ROWS + 2 }, (_, index) => eventOf(index + 1)))
    expect([buffer.isFlushDue, buffer.isFull]).toEqual([true, true])
    expect(take().length).toBe(MAX_BLOCK_ROWS)
    expect([buffer.isFlushDue, buffer.isFull, buffer.size]).toEqual([true, false, 3])
    expect(take()).toEqual(['t1:0'])
    expect(buffer.isFlushDue).toBe(false)
    buffer.flush()
    expect(take()).toEqual([`t1:${MAX_BLOCK_ROWS + 1}`, `t1:${MAX_BLOCK_ROWS + 2}`])
    expect(buffer.isFlushDue).toBe(false)
  })
})

describe('a block that is stored', () => {
  /** Stores a block of events of tenants with these numbers; returns it as it was. */
  const store = (buffer: EventBuffer, from: number, to: number, fields: Partial<EventRow> = {}) => {
    for (let index = from; index < to; index++)
      bufferEvent(buffer, eventOf(index, { tenant_id: `tenant-${index}`, ...fields }, `name ${index}`))
    buffer.flush()
    const block = buffer.take()
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

  test('shares its dictionary of names with the next ones, until the dictionary is full', () => {
    const { buffer } = fixture({ bufferSize: Infinity })
    const dictionaryOf = (index: number, name: string) => {
      bufferEvent(buffer, eventOf(index, {}, name))
      buffer.flush()
      const block = buffer.take()!
      const { dictionary } = block.events.namesOf(block.events.allRows())
      buffer.recycle(block)
      return dictionary
    }
    const first = dictionaryOf(1, 'a')
    expect(dictionaryOf(2, 'b')).toBe(first)
    expect(dictionaryOf(3, 'x'.repeat(20_000_000))).toBe(first)
    const next = dictionaryOf(4, 'a')
    expect(next).not.toBe(first)
    expect(next.byteLength).toBeLessThan(100_000)
  })

  test('is not used again when its events were large', () => {
    const { buffer } = fixture({ bufferSize: Infinity })
    const large = store(buffer, 1, 41, { metadata: JSON.stringify({ text: 'x'.repeat(1_000_000) }) })
    expect(store(buffer, 41, 42).events).not.toBe(large.events)
  })
})

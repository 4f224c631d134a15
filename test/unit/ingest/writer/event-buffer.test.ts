import { describe, expect, test } from 'bun:test'
import { EventBuffer } from '../../../../src/ingest/writer/event-buffer.ts'
import type { BufferedEvent } from '../../../../src/ingest/stages.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'
import { eventOf } from '../../../support/ingest/writer-fixture.ts'

function fixture({ bufferSize = 3, flushIntervalMs = 500 } = {}) {
  const clock = new ManualClock(NOW)
  let dueSignals = 0
  const buffer = new EventBuffer({ bufferSize, flushIntervalMs, clock })
  buffer.onFlushDue(() => dueSignals++)
  const add = (...events: BufferedEvent[]) => {
    for (const event of events) buffer.add(event)
  }
  const take = (limit = 1_000) => buffer.take(limit).map(({ delivery, row }) => `${row.tenant_id}:${delivery.sequence}`)
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

  test('still for events that did not fit into a batch', () => {
    const { buffer, add, take } = fixture({ bufferSize: 3 })
    add(eventOf(1), eventOf(2), eventOf(3))
    expect(take(2)).toEqual(['t1:1', 't1:2'])
    expect(buffer.isFlushDue).toBe(true)
    expect(take(2)).toEqual(['t1:3'])
    expect(buffer.isFlushDue).toBe(false)
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

describe('taking a batch', () => {
  test('gives each tenant its share, however many events one of them has', () => {
    const { buffer, add, take } = fixture({ bufferSize: 10 })
    const noisy = Array.from({ length: 500 }, (_, index) => eventOf(index + 1, { tenant_id: 'noisy' }))
    add(...noisy, eventOf(501, { tenant_id: 'a' }), eventOf(502, { tenant_id: 'b' }), eventOf(503, { tenant_id: 'b' }))
    buffer.flush()
    const batch = take(30)
    expect(batch).toHaveLength(30)
    expect(batch.filter((event) => !event.startsWith('noisy'))).toEqual(['a:501', 'b:502', 'b:503'])
    expect(buffer.size).toBe(473)
  })

  test('gives every tenant its turn when there are more tenants than events in a batch', () => {
    const { buffer, add, take } = fixture({ bufferSize: 1 })
    add(...Array.from({ length: 40 }, (_, index) => eventOf(index + 1, { tenant_id: `t${index % 20}` })))
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
    expect(buffer.isFlushDue).toBe(false)
  })

  test('keeps the order of each tenant', () => {
    const { buffer, add, take } = fixture({ bufferSize: 1 })
    add(...[1, 2, 3, 4, 5, 6].map((sequence) => eventOf(sequence, { tenant_id: sequence % 2 ? 'a' : 'b' })))
    const taken = [...take(2), ...take(2), ...take(2)]
    expect(taken.filter((event) => event.startsWith('a'))).toEqual(['a:1', 'a:3', 'a:5'])
    expect(taken.filter((event) => event.startsWith('b'))).toEqual(['b:2', 'b:4', 'b:6'])
    expect(buffer.size).toBe(0)
  })
})

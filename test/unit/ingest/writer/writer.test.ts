import { describe, expect, test } from 'bun:test'
import { NOW, rowOf } from '../../../support/ingest/event-samples.ts'
import { unavailable } from '../../../support/ingest/ingest-ports.ts'
import { settled } from '../../../support/base/manual-clock.ts'
import { eventOf, writerFixture as fixture } from '../../../support/ingest/writer-fixture.ts'

describe('the writer', () => {
  test('settles a batch when it is stored, not before', async () => {
    const { store, write, settledIndexes } = fixture()
    const inserted = Promise.withResolvers<void>()
    store.after = () => inserted.promise
    await write(eventOf(1), eventOf(2))
    expect(store.rows).toHaveLength(2)
    expect(settledIndexes).toEqual([])
    inserted.resolve()
    await settled()
    expect(settledIndexes).toEqual([1, 2])
  })

  test('settles nothing when the insert fails, and retries until it succeeds', async () => {
    const { clock, store, metrics, write, storedIndexes, settledIndexes } = fixture()
    const failures = { count: 0 }
    store.before = (call) => {
      if (call === 'insert' && failures.count++ < 200) throw unavailable()
    }
    await write(eventOf(1))
    while (failures.count <= 199) {
      expect(settledIndexes).toEqual([])
      await clock.advance(10_000)
    }
    await clock.advance(10_000)
    expect(settledIndexes).toEqual([1])
    expect(store.rows).toHaveLength(1)
    expect(metrics.storeRetries.total()).toBe(200)
    expect(storedIndexes).toEqual([1])
  })

  test('before each retry fences earlier writes and then looks up what is stored', async () => {
    const { clock, store, write, settledIndexes } = fixture()
    let isFirst = true
    store.after = () => {
      if (!isFirst) return
      isFirst = false
      throw unavailable()
    }
    await write(eventOf(1), eventOf(2))
    expect(settledIndexes).toEqual([])
    await clock.advance(10_000)
    expect(store.calls).toEqual(['find', 'insert', 'fence', 'find', 'compare', 'messages'])
    expect(store.rows).toHaveLength(2)
    expect(settledIndexes).toEqual([1, 2])
  })

  test('stores an event once that is repeated in a batch or stored already, and settles each of its deliveries', async () => {
    const { store, clock, write, storedIndexes, duplicateIndexes } = fixture()
    await write(eventOf(1), { ...eventOf(2), row: rowOf(1) })
    await clock.advance(250)
    await write({ ...eventOf(3), row: rowOf(1) }, eventOf(4))
    expect(store.rows.map(({ id }) => id)).toEqual([rowOf(1).id, rowOf(4).id])
    expect(storedIndexes).toEqual([1, 4])
    expect(duplicateIndexes).toEqual([2, 3])
  })

  test('keeps the first contents of an id', async () => {
    const { store, write } = fixture()
    await write(eventOf(1, { entity_id: 'first' }), { ...eventOf(2), row: rowOf(1, { entity_id: 'second' }) })
    expect(store.rows.map(({ entity_id }) => entity_id)).toEqual(['first'])
  })

  test('gives the store one partition at a time', async () => {
    const { store, write, settledIndexes } = fixture()
    const months = [1, 2, 1, 3, 2].map((month, index) =>
      eventOf(index + 1, { occurred_at: Date.UTC(2026, month - 1, 28) }),
    )
    await write(...months)
    expect(store.inserts.map((rows) => rows.map(({ occurred_at }) => store.storePartitionOf(occurred_at)))).toEqual([
      [202601, 202601],
      [202602, 202602],
      [202603],
    ])
    expect(settledIndexes.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
  })

  test('gives the store at most 25,000 rows at a time', async () => {
    const { store, clock, write } = fixture()
    await write(...Array.from({ length: 30_000 }, (_, index) => eventOf(index + 1)))
    await clock.advance(1_000)
    expect(store.inserts.map((rows) => rows.length)).toEqual([25_000, 5_000])
  })

  test('writes names before rows, the newest of each', async () => {
    const { store, write } = fixture()
    await write(eventOf(1, {}, 'new', NOW), eventOf(2, {}, 'old', NOW - 1), eventOf(3, {}, 'newer', NOW))
    expect(store.calls).toEqual(['find', 'names', 'insert', 'messages'])
    expect(store.names).toEqual([{ tenant_id: 't1', kind: 'campaign', id: 'c', name: 'newer', occurred_at: NOW }])
  })

  test('delays small commits by the minimum interval, but not a full batch', async () => {
    const { store, clock, write } = fixture()
    await write(eventOf(1))
    await write(eventOf(2))
    await clock.advance(249)
    expect(store.inserts).toHaveLength(1)
    await clock.advance(1)
    expect(store.inserts).toHaveLength(2)
    await write(...Array.from({ length: 25_000 }, (_, index) => eventOf(index + 10)))
    expect(store.inserts).toHaveLength(3)
  })

  test('waits longer for full batches while a backlog is read', async () => {
    let hasBacklog = true
    const { store, clock, write } = fixture({ hasBacklog: () => hasBacklog })
    await write(eventOf(1))
    await write(eventOf(2))
    await clock.advance(999)
    expect(store.inserts).toHaveLength(1)
    await clock.advance(1)
    expect(store.inserts).toHaveLength(2)
    await write(...Array.from({ length: 25_000 }, (_, index) => eventOf(index + 10)))
    expect(store.inserts).toHaveLength(3)
    hasBacklog = false
    await write(eventOf(3))
    await clock.advance(250)
    expect(store.inserts).toHaveLength(4)
  })
})

describe('a row that the store rejects', () => {
  test('is found by bisection and rejected; the other rows are stored', async () => {
    const { store, write, settledIndexes, refusedIndexes } = fixture()
    store.refuses = ({ entity_id }) => entity_id === 'm37'
    await write(...Array.from({ length: 100 }, (_, index) => eventOf(index + 1)))
    expect(refusedIndexes).toEqual([37])
    expect(store.rows).toHaveLength(99)
    expect(settledIndexes).toHaveLength(99)
    expect(settledIndexes).not.toContain(37)
  })

  /** A retry of the block must not reject the row again: it would be counted and settled several times. */
  test('is rejected once, even when the other rows need several attempts', async () => {
    const { store, clock, write, settledIndexes, refusedIndexes } = fixture()
    store.refuses = ({ entity_id }) => entity_id === 'm1'
    let failures = 0
    store.before = (call, rows) => {
      if (call === 'insert' && rows.every(({ entity_id }) => entity_id === 'm2') && failures++ < 3) throw unavailable()
    }
    await write(eventOf(1), eventOf(2))
    await clock.advance(60_000)
    expect(failures).toBe(4)
    expect(refusedIndexes).toEqual([1])
    expect(settledIndexes).toEqual([2])
    expect(store.rows.map(({ entity_id }) => entity_id)).toEqual(['m2'])
  })

  test('may be every row', async () => {
    const { store, write, settledIndexes, refusedIndexes } = fixture()
    store.refuses = () => true
    await write(eventOf(1), eventOf(2), eventOf(3))
    expect(refusedIndexes).toEqual([1, 2, 3])
    expect(settledIndexes).toEqual([])
  })
})

test('each commit is one log line about the batch, without contents of events', async () => {
  const { clock, logger, write } = fixture()
  await write(eventOf(1, { tenant_id: 'a' }), eventOf(2, { tenant_id: 'a', event_type: 'message_opened' }))
  await clock.advance(250)
  await write(eventOf(3, { tenant_id: 'a' }), eventOf(4, { tenant_id: 'b' }))
  const fields = logger.lines
    .filter(({ message }) => message === '[INGEST] analytics events batch')
    .map((line) => line.fields)
  expect(fields).toEqual([
    { tenantId: 'a', batchSize: 2, eventTypes: ['message_sent', 'message_opened'] },
    { tenantId: 'multi', batchSize: 2, eventTypes: ['message_sent'] },
  ])
})

test('the log line of a commit names at most twenty event types and the number of the others', async () => {
  const { logger, write } = fixture()
  await write(...Array.from({ length: 100 }, (_, n) => eventOf(n, { event_type: `sequence_enrollment_${n}` })))
  const { fields } = logger.lines.find(({ message }) => message === '[INGEST] analytics events batch')!
  expect(fields).toMatchObject({ batchSize: 100, omittedEventTypes: 80 })
  expect(fields?.['eventTypes']).toHaveLength(20)
})

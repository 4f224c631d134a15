import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { inlineParameters } from '../../../../src/clickhouse/connection/sql-literals.ts'
import { FIND_IDS } from '../../../../src/clickhouse/write/stored-id-queries.ts'
import { StoredIdFilter } from '../../../../src/clickhouse/filter/stored-id-filter.ts'
import { StoredIdIndex } from '../../../../src/clickhouse/write/stored-id-index.ts'
import { ByteWriter } from '../../../../src/clickhouse/write/byte-writer.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { deriveEventId } from '../../../../src/events/identity.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import type { EventStore } from '../../../../src/ingest/ports.ts'
import type { RowIndexes } from '../../../../src/events/block/event-block.ts'
import { keysOfRows } from '../../../../src/clickhouse/write/selected-rows.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'
import { migrated, ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { until } from '../../../support/process/until.ts'
import { NOW, rowOf } from '../../../support/ingest/event-samples.ts'

const STARTING_MS = 30_000
const DAY_MS = 86_400_000
const MAX_BYTES = 8 * 1_048_576
const PLACE = { stream: 's', sequence: 1, storedAt: 0 }

/** Rows with real ids, which are random, of two tenants and two months. */
const rowsOf = (name: string, count: number): EventRow[] =>
  Array.from({ length: count }, (_, index) => {
    const tenant_id = `t${index % 2}`
    return rowOf(index, { tenant_id, id: deriveEventId(tenant_id, `${name} ${index}`, PLACE), occurred_at: NOW })
  })

function idsOf(rows: readonly EventRow[]): Uint8Array {
  const writer = new ByteWriter()
  for (const { id } of rows) writer.uuid(id)
  return writer.bytes
}

const all = (rows: readonly EventRow[]) => rows.map((_, index) => index)

describe.each(ENGINE_PATHS)('the index of stored ids on the %s', (_, open) => {
  let opened: TestStore
  let events: EventStore
  /** In a part with the projection, in two parts of two months without it. */
  const projected = rowsOf('projected', 700)
  const raw = [
    ...rowsOf('raw', 300),
    ...rowsOf('earlier', 300).map((row) => ({ ...row, occurred_at: NOW - 40 * DAY_MS })),
  ]
  const fresh = rowsOf('fresh', 1_000)
  const insertByMonth = async (rows: readonly EventRow[]) => {
    for (const month of Map.groupBy(rows, (row) => events.storePartitionOf(row.occurred_at)).values())
      await events.insertRows(...inBlock(month))
  }
  const indexOf = (filter: StoredIdFilter | undefined = new StoredIdFilter(MAX_BYTES)) =>
    new StoredIdIndex(opened.store.openWriter(), { filter })
  const find = async (index: StoredIdIndex, rows: readonly EventRow[]) => [...(await index.find(idsOf(rows)))]

  beforeAll(async () => {
    opened = await open('id_index_test')
    events = await migrated(opened)
    const { database, store } = opened
    await insertByMonth(projected)
    // Enough rows that reading the projection takes less than reading all ids.
    await store.writer.command(
      `INSERT INTO analytics_events (id, tenant_id, event_type, occurred_at)
       SELECT reinterpretAsUUID(sipHash128(number)), 't2', 'message_sent', fromUnixTimestamp64Milli({at:Int64} + toInt64(number)) FROM numbers(100000)`,
      { at: NOW },
    )
    await store.maintenance.command(
      'ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION by_id SETTINGS mutations_sync = 2',
      { database },
    )
    // A merge would create the missing projections.
    await store.maintenance.command('SYSTEM STOP MERGES {database:Identifier}.analytics_events', { database })
    await insertByMonth(raw)
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  test('finds ids in parts with and without the projection, without a filter and with one', async () => {
    const index = indexOf()
    const rows = [...projected, ...fresh, ...raw]
    const expected = all(rows).filter((position) => position < 700 || position >= 1_700)
    expect(await find(indexOf(undefined), rows)).toEqual(expected)
    expect(index.isComplete).toBe(false)
    expect(await find(index, rows)).toEqual(expected)
    await index.build()
    expect(index.isComplete).toBe(true)
    expect(await find(index, rows)).toEqual(expected)
    expect(await find(index, [])).toEqual([])
  })

  test('finds repeated ids by their primary keys, and those with other keys too', async () => {
    const [moved, others] = [projected.slice(0, 300), projected.slice(300)]
    const rows = [
      ...others,
      ...moved.map((row) => ({ ...row, occurred_at: NOW - 90 * DAY_MS })),
      ...raw.slice(0, 100).map((row) => ({ ...row, event_type: 'message_opened' })),
      ...raw.slice(100),
      ...fresh,
    ]
    const [block] = inBlock(rows)
    const keysOf = (positions: RowIndexes) => keysOfRows(block, positions)
    expect([...(await indexOf(undefined).find(idsOf(rows), keysOf))]).toEqual(all([...projected, ...raw]))
  })

  test('finds ids at both positions when a block repeats them', async () => {
    expect(await find(indexOf(undefined), [raw[0]!, fresh[0]!, raw[0]!])).toEqual([0, 2])
  })

  test('finds what this writer and another one store, during and after the build', async () => {
    const during = rowsOf('during', 200)
    const index = indexOf()
    const building = index.build()
    index.add(idsOf(during))
    await insertByMonth(during)
    await building
    expect(await find(index, during)).toEqual(all(during))

    const foreign = rowsOf('foreign', 200)
    await insertByMonth(foreign)
    index.invalidate()
    expect(index.isComplete).toBe(false)
    expect(await find(index, foreign)).toEqual(all(foreign))
    await index.build()
    expect(index.isComplete).toBe(true)
    expect(await find(index, [...foreign, ...fresh])).toEqual(all(foreign))
  })

  test('a build that an invalidation overtakes begins again', async () => {
    const index = indexOf()
    const building = index.build()
    const foreign = rowsOf('overtaking', 200)
    await insertByMonth(foreign)
    index.invalidate()
    await building
    await index.build()
    expect(await find(index, [...foreign, ...fresh])).toEqual(all(foreign))
  })

  test('between the portions of a build it finds everything, and asks only for ids that were not read yet', async () => {
    const writer = opened.store.openWriter()
    const rows = [...projected, ...fresh, ...raw]
    const asked: number[] = []
    const found: number[] = []
    let portions = 0
    const during = rowsOf('between', 100)
    const index: StoredIdIndex = new StoredIdIndex(
      {
        ...writer,
        query: (sql, parameters) => {
          if (sql === FIND_IDS) asked.push(Number(parameters!['count']))
          return writer.query(sql, parameters)
        },
        async *readFixedWidth(...read) {
          portions++
          found.push((await index.find(idsOf(rows))).length)
          // A row that is stored in a range that was read already.
          if (portions === 6) {
            index.add(idsOf(during))
            await insertByMonth(during)
          }
          yield* writer.readFixedWidth(...read)
          if (portions > 6) found.push((await index.find(idsOf([...rows, ...during]))).length - 100)
        },
      },
      { filter: new StoredIdFilter(MAX_BYTES), portionRows: 12_000 },
    )
    await index.build()
    expect(index.isComplete).toBe(true)
    expect(portions).toBeGreaterThan(8)
    expect(new Set(found)).toEqual(new Set([1_300]))
    expect(asked[0]).toBe(2_300)
    expect(asked.at(-1)!).toBeLessThan(2_000)
  })

  test('replaces a fragmented filter by one that has the ids of inserts in progress too', async () => {
    const filter = new StoredIdFilter(MAX_BYTES)
    for (let segment = 0; segment < 4; segment++) filter.addSegment({ words: new Uint32Array(32), idCount: 4 })
    expect(filter.isFragmented).toBe(true)
    const index = indexOf(filter)
    const inProgress = rowsOf('in progress', 100)
    await index.build()
    const before = index.filterState!.ids
    index.add(idsOf(inProgress))
    await until(() => index.filterState!.ids !== before + 100, 10_000, 'the filter to be replaced')
    await insertByMonth(inProgress)
    expect(index.isComplete).toBe(true)
    const rows = [...projected, ...fresh, ...raw, ...inProgress]
    expect(await find(index, rows)).toEqual(all(rows).filter((position) => position < 700 || position >= 1_700))
  })

  test('an event store with a filter finds its own rows, and those of its predecessor after a restart', async () => {
    const rows = rowsOf('store', 100)
    const create = async () => {
      const created = createEventStore(opened.store, { idFilter: { maxBytes: MAX_BYTES } })
      await created.open()
      return created
    }
    const first = await create()
    expect((await first.findStored(...inBlock([...rows, ...fresh]))).length).toBe(0)
    await first.insertRows(...inBlock(rows))
    expect((await first.findStored(...inBlock([...rows, ...fresh]))).length).toBe(100)
    first.invalidateCaches()
    expect((await first.findStored(...inBlock([...rows, ...fresh]))).length).toBe(100)
    const second = await create()
    expect((await second.findStored(...inBlock([...rows, ...fresh]))).length).toBe(100)
  })

  test('control: stored ids that the filter misses are taken for new', async () => {
    class ForgetfulFilter extends StoredIdFilter {
      override add(): void {}
    }
    const index = indexOf(new ForgetfulFilter(MAX_BYTES))
    // The event store of the test before may still build its filter, and the embedded engine has one file for reading ids.
    const isBuilt = async () => {
      await index.build()
      return index.isComplete
    }
    await until(isBuilt, 10_000, 'the filter to be built')
    expect(await find(index, [...projected, ...raw])).toEqual([])
  })

  test('reads the projection of the parts that have it', async () => {
    const plan = async (sql: string) => {
      const ids = Array.from(idsOf([projected[0]!]), (byte) => byte.toString(16).padStart(2, '0')).join('')
      const lines = await opened.store.writer.query<{ explain: string }>(
        `EXPLAIN projections = 1 ${inlineParameters(sql, { ids, count: 1 })}`,
      )
      return lines.map(({ explain }) => explain).join('\n')
    }
    expect(await plan(FIND_IDS)).toContain('ReadFromMergeTree (by_id)')
    // Control: the plan of a query that cannot use it.
    const bound = FIND_IDS.replace('WHERE', "WHERE tenant_id = 't0' AND")
    expect(await plan(bound)).not.toContain('ReadFromMergeTree (by_id)')
  })
})

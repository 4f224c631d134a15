import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { inlineParameters } from '../../../../src/clickhouse/connection/sql-literals.ts'
import { hexOf } from '../../../../src/clickhouse/write/id-lists.ts'
import { idsOfRows, keysOfRows } from '../../../../src/clickhouse/write/selected-rows.ts'
import { FIND_IDS_AT_KEYS, FIND_ROWS_AT_KEYS } from '../../../../src/clickhouse/write/stored-id-queries.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { deriveEventId } from '../../../../src/events/identity.ts'
import type { EventStore, StoredComparison } from '../../../../src/ingest/ports.ts'
import { NOW, rowOf } from '../../../support/ingest/event-samples.ts'
import { migrated, ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const STARTING_MS = 30_000
const DAY_MS = 86_400_000
/** One granule of the table, by its default. */
const GRANULE_ROWS = 8_192
const BULK_ROWS = 10 * GRANULE_ROWS
const TYPES = ['message_sent', 'message_opened', 'contact_updated']
const TENANTS = ['t0', 't1', "odd ' \\ name", 'שלום']

/** Events of several tenants, which use the same event ids, of several types, over `days` days. */
const rowsOf = (name: string, count: number, days: number): EventRow[] =>
  Array.from({ length: count }, (_, index) => {
    const tenant_id = TENANTS[index % TENANTS.length]!
    const eventId = `${name} ${Math.floor(index / TENANTS.length)}`
    return rowOf(index, {
      tenant_id,
      id: deriveEventId(tenant_id, eventId, { stream: 's', sequence: 1, storedAt: 0 }),
      event_type: TYPES[index % TYPES.length]!,
      entity_id: `entity ${index}`,
      occurred_at: NOW - Math.floor((days * DAY_MS * index) / count),
    })
  })

describe.each(ENGINE_PATHS)('repeated events on the %s', (_, open) => {
  let opened: TestStore
  let events: EventStore
  /** In parts with projections, and in parts that were never merged. */
  const merged = rowsOf('merged', 900, 70)
  const unmerged = rowsOf('unmerged', 600, 70)
  const stored = [...merged, ...unmerged]
  const fresh = rowsOf('fresh', 400, 70)
  const insertByMonth = async (rows: readonly EventRow[]) => {
    for (const month of Map.groupBy(rows, (row) => events.storePartitionOf(row.occurred_at)).values())
      await events.insertRows(...inBlock(month))
  }
  const compare = (rows: readonly EventRow[]) => events.compareWithStored(...inBlock(rows))
  const allOf = (comparison: StoredComparison, rows: readonly EventRow[]) => rows.map(() => comparison)

  beforeAll(async () => {
    opened = await open('repeated_events_test')
    events = await migrated(opened)
    const { database, store } = opened
    await insertByMonth(merged)
    await store.writer.command(
      `INSERT INTO analytics_events (id, tenant_id, event_type, occurred_at)
       SELECT reinterpretAsUUID(sipHash128(number)), 't1', 'message_sent', fromUnixTimestamp64Milli({at:Int64} + toInt64(number)) FROM numbers({rows:UInt32})`,
      { at: NOW, rows: BULK_ROWS },
    )
    await store.maintenance.command(
      'ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION by_id SETTINGS mutations_sync = 2',
      { database },
    )
    // A merge would create the missing projections.
    await store.maintenance.command('SYSTEM STOP MERGES {database:Identifier}.analytics_events', { database })
    await insertByMonth(unmerged)
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  test('are found in a block of several months and tenants, whatever their keys', async () => {
    const given = [
      ...stored.map((row, index) => {
        if (index % 3 === 0) return row
        return index % 3 === 1 ? { ...row, occurred_at: row.occurred_at - 40 * DAY_MS } : { ...row, event_type: 'x' }
      }),
      ...fresh,
    ]
    const found = await events.findStored(...inBlock(given))
    expect([...found]).toEqual([...stored.keys()])
    expect([...(await events.findStored(...inBlock(fresh)))]).toEqual([])
  })

  test('are the same with the same contents, and different with any other', async () => {
    expect(await compare(stored)).toEqual(allOf('same', stored))
    expect(await compare(fresh)).toEqual(allOf('missing', fresh))
    const variants: ((row: EventRow) => EventRow)[] = [
      (row) => ({ ...row, occurred_at: row.occurred_at + 1 }),
      (row) => ({ ...row, occurred_at: row.occurred_at - 400 * DAY_MS }),
      (row) => ({ ...row, event_type: row.event_type === 'message_sent' ? 'message_opened' : 'message_sent' }),
      (row) => ({ ...row, metadata: '{"other":1}' }),
      (row) => ({ ...row, user_id: '' }),
    ]
    for (const variant of variants) {
      const changed = stored.map((row, index) => (index % 2 === 0 ? variant(row) : row))
      const expected = stored.map((_row, index): StoredComparison => (index % 2 === 0 ? 'different' : 'same'))
      expect(await compare([...changed, ...fresh])).toEqual([...expected, ...allOf('missing', fresh)])
    }
  })

  test('are compared one by one when a block repeats an id', async () => {
    const [first, second] = [merged[0]!, unmerged[1]!]
    const moved = { ...first, occurred_at: first.occurred_at - 50 * DAY_MS }
    const changed = { ...second, entity_id: 'other' }
    expect(await compare([moved, fresh[0]!, first, second, changed, second])).toEqual([
      'different',
      'missing',
      'same',
      'same',
      'different',
      'same',
    ])
    expect(await compare([])).toEqual([])
  })

  test('are read from the granules of their keys', async () => {
    const given = rowOf(1, { tenant_id: 't1', event_type: 'message_sent', occurred_at: NOW + 5 * GRANULE_ROWS })
    const [block, rows] = inBlock([given])
    const ids = hexOf(idsOfRows(block, rows))
    const granulesOf = async (sql: string) => {
      const lines = await opened.store.writer.query<{ explain: string }>(
        `EXPLAIN ${inlineParameters(sql, { ...keysOfRows(block, rows), ids, count: 1 })} SETTINGS optimize_use_projections = 0`,
      )
      const counts = lines.flatMap(({ explain }) => /\| Granules: (\d+)/.exec(explain)?.[1] ?? [])
      expect(counts).toHaveLength(1)
      return Number(counts[0])
    }
    for (const sql of [FIND_IDS_AT_KEYS, FIND_ROWS_AT_KEYS]) {
      const query = sql.replace(/\bSETTINGS[\s\S]*/, '')
      // The key can be in one granule of the large part, and in one of each part that has its tenant and type around that time.
      expect(await granulesOf(query)).toBeLessThan(5)
      // Control: without the hint, every granule of the tenant can have the id.
      const unhinted = query.replace('indexHint((', 'NOT ignore((')
      expect(unhinted).not.toBe(query)
      expect(await granulesOf(unhinted)).toBeGreaterThan(8)
    }
  })
})

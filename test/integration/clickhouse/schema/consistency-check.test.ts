import { describe, expect, test } from 'bun:test'
import { checkConsistency } from '../../../../src/clickhouse/schema/consistency-check.ts'
import { migrated, project, PROJECTIONS, STORE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const HOUR_MS = 3_600_000
const DATABASE = 'consistency_test'
const EQUAL = Object.fromEntries(PROJECTIONS.map((name) => [name, 'equal' as const]))

describe.each(STORE_PATHS)('the consistency check on the %s', (_, openStore) => {
  test('compares projections with rows, counts duplicate ids, and never compares rows with themselves', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const { admin } = opened.store
    const check = () => checkConsistency(admin, DATABASE)
    expect(await check()).toEqual({ rows: 0, projections: EQUAL, duplicateIds: 0 })

    const rows = Array.from({ length: 3_000 }, (__, index) =>
      rowOf(index, { tenant_id: `t${index % 3}`, occurred_at: Date.now() - (2 + (index % 400)) * HOUR_MS }),
    )
    const months = Map.groupBy(rows, (row) => events.storePartitionOf(row.occurred_at))
    for (const month of months.values()) await events.insertRows(...inBlock(month))
    expect(new Set(Object.values((await check()).projections))).toEqual(new Set(['undecided']))
    await project(opened)
    expect(await check()).toEqual({ rows: 3_000, projections: EQUAL, duplicateIds: 0 })

    await events.insertRows(...inBlock([rows[0]!]))
    expect(await check()).toEqual({ rows: 3_001, projections: EQUAL, duplicateIds: 1 })

    // Control: a projection without parts is undecided, although its query on the rows would return equal results.
    await admin.command(
      `ALTER TABLE {database:Identifier}.analytics_events ADD PROJECTION empty_yet
       (SELECT tenant_id, toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day, count() GROUP BY tenant_id, day)`,
      { database: DATABASE },
    )
    expect((await check()).projections).toEqual({ ...EQUAL, empty_yet: 'undecided' })
    await opened.close()
  }, 60_000)
})

import { describe, expect, test } from 'bun:test'
import { auditDerived } from '../../src/clickhouse/derived-audit.ts'
import { failureOf } from '../support/clickhouse-front/client.ts'
import { migrated, STORE_PATHS } from '../support/engine.ts'
import { rowOf } from '../support/event-samples.ts'

const HOUR_MS = 3_600_000
const DATABASE = 'audit_test'

describe.each(STORE_PATHS)('the nightly audit on the %s', (_, openStore) => {
  test('finds projection and rows equal, counts repeated ids, and compares nothing with itself', async () => {
    const opened = await openStore(DATABASE)
    const events = await migrated(opened)
    const { admin } = opened.store
    const audit = () => auditDerived(admin, DATABASE)
    expect(await audit()).toEqual({ rows: 0, isProjectionEqual: true, repeatedIds: 0 })

    const rows = Array.from({ length: 3_000 }, (__, index) =>
      rowOf(index, { tenant_id: `t${index % 3}`, occurred_at: Date.now() - (2 + (index % 400)) * HOUR_MS }),
    )
    const months = Map.groupBy(rows, (row) => events.partitionOf(row.occurred_at))
    for (const month of months.values()) await events.insertRows(month)
    expect(await audit()).toEqual({ rows: 3_000, isProjectionEqual: true, repeatedIds: 0 })

    await events.insertRows([rows[0]!])
    expect(await audit()).toEqual({ rows: 3_001, isProjectionEqual: true, repeatedIds: 1 })

    // Control: what is compared is the projection. Without one the audit fails rather than compare the rows with themselves.
    await admin.command('ALTER TABLE {database:Identifier}.analytics_events DROP PROJECTION counts_by_quarter_hour', {
      database: DATABASE,
    })
    expect(await failureOf(audit())).toMatchObject({ engineCode: 584 })
    await opened.close()
  }, 60_000)
})

import { expect, test } from 'bun:test'
import { tenantQuery } from '../../../src/analytics/query/tenant-query.ts'
import type { Store, StoreConnection } from '../../../src/clickhouse/connection/store-connection.ts'
import type { QueryParameters } from '../../../src/clickhouse/connection/sql-literals.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { SINGLE_SERVER } from '../../../src/clickhouse/connection/table-topology.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

const QUERY = tenantQuery('named', 'SELECT 1 FROM analytics_events WHERE tenant_id = {tenant:String}', {
  tenant: 'forged',
  limit: 5,
})

/** What is asked of the store when `mine` asks. */
async function sentBy(fields: Partial<Store>): Promise<{ sql: string; parameters: QueryParameters | undefined }> {
  const sent: { sql: string; parameters: QueryParameters | undefined }[] = []
  const connection: StoreConnection = {
    topology: SINGLE_SERVER,
    async query(sql, parameters) {
      sent.push({ sql, parameters })
      return []
    },
    async command() {},
  }
  const store = { readers: [connection], ...fields } as unknown as Store
  await createQueryPort(store, new ManualClock(0), createServiceMetrics()).query('mine', QUERY)
  return sent[0]!
}

test('a query goes out named, limited, read-only, and bound to the tenant it was asked for, whatever its own parameters say', async () => {
  const sent = await sentBy({ tenantSetting: undefined })
  expect(sent.parameters).toEqual({ tenant: 'mine', limit: 5 })
  const settings = sent.sql.slice(sent.sql.indexOf('SETTINGS'))
  for (const limit of [
    "log_comment = 'named'",
    'max_execution_time = ',
    'max_memory_usage = ',
    'max_result_rows = ',
    'readonly = 2',
  ])
    expect(settings).toContain(limit)
})

test('behind the second wall a query tells it the tenant it was asked for, behind all other settings', async () => {
  const { sql } = await sentBy({ tenantSetting: 'SQL_tenant' })
  expect(sql).toEndWith(", readonly = 2, SQL_tenant = 'mine'")
  expect((await sentBy({ tenantSetting: undefined })).sql).not.toContain('SQL_tenant')
})

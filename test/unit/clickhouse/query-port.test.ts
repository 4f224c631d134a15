import { expect, test } from 'bun:test'
import { type QueryPort, tenantQuery } from '../../../src/analytics/query/tenant-query.ts'
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

/** The statement that the port sends for the tenant `mine`. */
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

test('a query is sent with its name, limits and read-only mode, and with the tenant of the call, which overrides its own parameters', async () => {
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

test('with row policies, a query names the tenant of the call after all other settings', async () => {
  const { sql } = await sentBy({ tenantSetting: 'SQL_tenant' })
  expect(sql).toEndWith(", readonly = 2, SQL_tenant = 'mine'")
  expect((await sentBy({ tenantSetting: undefined })).sql).not.toContain('SQL_tenant')
})

test('a query without a tenant does not type-check', () => {
  const port: QueryPort = { query: () => Promise.resolve([]) }
  // @ts-expect-error: the tenant is a required argument of its own.
  const withoutTenant = () => port.query(QUERY)
  expect(withoutTenant).toBeFunction()
})

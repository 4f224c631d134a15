import { expect, test } from 'bun:test'
import { type QueryPort, tenantQuery } from '../../../../src/analytics/query/tenant-query.ts'
import type { Store, StoreConnection } from '../../../../src/clickhouse/connection/store-connection.ts'
import type { QueryParameters } from '../../../../src/clickhouse/connection/sql-literals.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { SINGLE_SERVER } from '../../../../src/clickhouse/connection/table-topology.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

const QUERY = tenantQuery('named', 'SELECT 1 FROM analytics_events WHERE tenant_id = {tenant:String}', {
  tenant: 'forged',
  limit: 5,
})

interface SentStatement {
  readonly sql: string
  readonly parameters: QueryParameters | undefined
}

/** A connection that records statements and returns no rows. */
function connectionTo(sent: SentStatement[]): StoreConnection {
  return {
    topology: SINGLE_SERVER,
    async query(sql, parameters) {
      sent.push({ sql, parameters })
      return []
    },
    async command() {},
  }
}

/** The statement that the port sends for the tenant `mine`. */
async function sentBy(fields: Partial<Store>): Promise<SentStatement> {
  const sent: SentStatement[] = []
  const store = { readers: [connectionTo(sent)], ...fields } as unknown as Store
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

test('the time of a query is measured under its name', async () => {
  const metrics = createServiceMetrics()
  const store = { readers: [connectionTo([])], tenantSetting: undefined } as unknown as Store
  await createQueryPort(store, new ManualClock(0), metrics).query('mine', QUERY)
  expect(metrics.storeQuerySeconds.render()).toContain('analytics_store_query_duration_seconds_count{query="named"} 1')
})

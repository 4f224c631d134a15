/**
 * The dashboards' QueryPort over ClickHouse: named, bound to one tenant, limited in time, memory and rows, admitted a few at a time, tenant by tenant.
 */
import type { QueryPort, TenantQuery } from '../../analytics/query/tenant-query.ts'
import type { Clock } from '../../base/clock.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { QueryAdmission } from './query-admission.ts'
import type { ReadStore, Store, StoreConnection } from '../connection/store-connection.ts'
import { tenantSettingSql } from '../access/row-policies.ts'

const MAX_WAITING_QUERIES = 400
/** More than a tenant's requests can ask at once by default (16, up to three queries each). */
const MAX_WAITING_QUERIES_PER_TENANT = 100
const MAX_WAIT_MS = 10_000

/**
 * The hard limits of every dashboard query, in its text: `max_execution_time` in seconds, memory in bytes. Reading `IS NOT NULL` as a subcolumn would spell the
 * counts otherwise than the projections do, which would then not be used. Handing the few marks that a question reads to further threads takes longer than looking at them.
 */
const QUERY_LIMITS =
  'max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, ' +
  "result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, " +
  "optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2"

export function createQueryPort(store: Store, clock: Clock, metrics: ServiceMetrics): QueryPort {
  const admission = new QueryAdmission<StoreConnection>(store.readers, {
    maxWaiting: MAX_WAITING_QUERIES,
    maxWaitingPerTenant: MAX_WAITING_QUERIES_PER_TENANT,
    maxWaitMs: MAX_WAIT_MS,
    clock,
  })
  return {
    async query<Row>(tenantId: string, query: TenantQuery<Row>): Promise<Row[]> {
      try {
        return await admission.run(tenantId, (connection) => runTenantQuery(store, connection, tenantId, query))
      } finally {
        metrics.queriesWaiting.set(admission.waitingCount)
      }
    },
  }
}

/**
 * The same without admission, for runtimes where a request can vanish in the middle, and with it whoever had to give its reader back. What bounds the queries that run
 * at once is the server.
 */
export function createUnqueuedQueryPort(store: Pick<ReadStore, 'readers' | 'tenantSetting'>): QueryPort {
  const [reader] = store.readers
  return { query: (tenantId, query) => runTenantQuery(store, reader!, tenantId, query) }
}

function runTenantQuery<Row>(
  store: Pick<ReadStore, 'tenantSetting'>,
  connection: StoreConnection,
  tenantId: string,
  { name, sql, parameters }: TenantQuery<Row>,
): Promise<Row[]> {
  const settings = `SETTINGS log_comment = '${name}', ${QUERY_LIMITS}${tenantSettingSql(store, tenantId)}`
  return connection.query<Row>(`${sql}\n${settings}`, { ...parameters, tenant: tenantId })
}

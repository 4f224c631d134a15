/**
 * The QueryPort of the dashboards: each query is named, bound to one tenant, limited in time, memory and rows, and admitted fairly between tenants.
 */
import type { QueryPort, TenantQuery } from '../../analytics/query/tenant-query.ts'
import type { Clock } from '../../base/clock.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { QueryAdmission } from './query-admission.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { ReadStore, Store, StoreConnection } from '../connection/store-connection.ts'
import { tenantSettingSql } from '../connection/tenant-setting.ts'

const MAX_WAITING_QUERIES = 400
/** More than the requests of a tenant need at once by default: 16 requests with up to three queries each. */
const MAX_WAITING_QUERIES_PER_TENANT = 100
const MAX_WAIT_MS = 10_000

/**
 * The limits of every dashboard query: `max_execution_time` in seconds, memory in bytes. `optimize_functions_to_subcolumns` would rewrite `IS NOT NULL`, so that the counts
 * would no longer match those of the projections, which would then not be used. Further threads for indexes would take longer than analysing the few marks of a query.
 */
const QUERY_LIMITS =
  'max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, ' +
  "result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, " +
  `optimize_functions_to_subcolumns = 0, ${UNQUOTED_INTEGERS}, session_timezone = 'UTC', readonly = 2`

export function createQueryPort(store: Store, clock: Clock, metrics: ServiceMetrics): QueryPort {
  const admission = new QueryAdmission<StoreConnection>(store.readers, {
    maxWaiting: MAX_WAITING_QUERIES,
    maxWaitingPerTenant: MAX_WAITING_QUERIES_PER_TENANT,
    maxWaitMs: MAX_WAIT_MS,
    clock,
  })
  return {
    async query<Row>(tenantId: string, query: TenantQuery<Row>, signal?: AbortSignal): Promise<Row[]> {
      try {
        const task = async (connection: StoreConnection) => {
          const startedAt = clock.monotonic()
          try {
            return await runTenantQuery(store, connection, tenantId, query, signal)
          } finally {
            metrics.storeQuerySeconds.observe((clock.monotonic() - startedAt) / 1000, { query: query.name })
          }
        }
        return await admission.run(tenantId, task, signal)
      } finally {
        metrics.queriesWaiting.set(admission.waitingCount)
      }
    },
  }
}

/**
 * A QueryPort without admission, for runtimes that may end a request at any time, so that its connection would never be released. The server limits the number of concurrent
 * queries.
 */
export function createUnqueuedQueryPort(store: Pick<ReadStore, 'readers' | 'tenantSetting'>): QueryPort {
  const [reader] = store.readers
  return { query: (tenantId, query, signal) => runTenantQuery(store, reader!, tenantId, query, signal) }
}

async function runTenantQuery<Row>(
  store: Pick<ReadStore, 'tenantSetting'>,
  connection: StoreConnection,
  tenantId: string,
  { name, sql, parameters }: TenantQuery<Row>,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  const settings = `${QUERY_LIMITS}${tenantSettingSql(store, tenantId)}`
  try {
    return await connection.query<Row>(named(name, sql, settings), { ...parameters, tenant: tenantId }, signal)
  } catch (error) {
    // The failure of a query that was aborted says nothing about the store.
    signal?.throwIfAborted()
    throw error
  }
}

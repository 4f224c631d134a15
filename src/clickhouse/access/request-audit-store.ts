/**
 * The request audit in ClickHouse: at most a few hundred rows every few seconds.
 */
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

/** One request, or several requests that were counted together. */
export interface RequestAuditRow {
  readonly id: string
  /** Epoch milliseconds. */
  readonly requestedAt: number
  readonly tenantId: string
  readonly subject: string
  readonly route: string
  readonly parameters: string
  readonly status: number
  readonly durationMs: number
  readonly correlationId: string
  readonly requests: number
}

/** One array parameter per column, so that all values are bound parameters. */
const APPEND = named(
  'append_request_audit',
  `
  INSERT INTO analytics_request_audit
    (id, requested_at, tenant_id, subject, route, parameters, status, duration_ms, correlation_id, requests)
  SELECT row.1, fromUnixTimestamp64Milli(row.2), row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10
  FROM (
    SELECT arrayJoin(arrayZip({ids:Array(UUID)}, {requestedAt:Array(Int64)}, {tenants:Array(String)}, {subjects:Array(String)},
      {routes:Array(String)}, {parameters:Array(String)}, {statuses:Array(UInt16)}, {durationsMs:Array(UInt32)},
      {correlationIds:Array(String)}, {requests:Array(UInt32)})) AS row
  )`,
  'async_insert = 0',
)

const MAX_UINT32 = 4_294_967_295
const uint32 = (value: number) => Math.min(MAX_UINT32, Math.max(0, Math.round(value)))

export function createRequestAuditStore(connection: StoreConnection) {
  return {
    /** Rejects with a StoreFailure, after which some of the rows may be stored. */
    append: (rows: readonly RequestAuditRow[]): Promise<void> =>
      connection.command(APPEND, {
        ids: rows.map(({ id }) => id),
        requestedAt: rows.map(({ requestedAt }) => requestedAt),
        tenants: rows.map(({ tenantId }) => tenantId),
        subjects: rows.map(({ subject }) => subject),
        routes: rows.map(({ route }) => route),
        parameters: rows.map(({ parameters }) => parameters),
        statuses: rows.map(({ status }) => status),
        durationsMs: rows.map(({ durationMs }) => uint32(durationMs)),
        correlationIds: rows.map(({ correlationId }) => correlationId),
        requests: rows.map(({ requests }) => uint32(requests)),
      }),
  }
}

export interface RequestAuditQuery {
  /** The empty text selects requests whose authentication failed. */
  readonly tenantId: string
  /** Epoch milliseconds. */
  readonly since: number
  readonly limit: number
}

const READ = named(
  'read_request_audit',
  `
  SELECT toString(audit.id) AS id, toUnixTimestamp64Milli(requested_at) AS requestedAt, tenant_id AS tenantId, subject, route, parameters, status,
    duration_ms AS durationMs, correlation_id AS correlationId, requests
  FROM analytics_request_audit AS audit
  WHERE tenant_id = {tenant:String} AND requested_at >= fromUnixTimestamp64Milli({since:Int64})
  ORDER BY requested_at DESC, audit.id
  LIMIT 1 BY audit.id
  LIMIT {limit:UInt32}`,
  UNQUOTED_INTEGERS,
)

/** The requests of a tenant, the newest first. Rejects with a StoreFailure. */
export function readRequestAudit(
  connection: StoreConnection,
  { tenantId, since, limit }: RequestAuditQuery,
): Promise<RequestAuditRow[]> {
  return connection.query<RequestAuditRow>(READ, { tenant: tenantId, since, limit })
}

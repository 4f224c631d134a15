import type { QueryPort } from './tenant-query.ts'

/** The port whose queries all end when the signal is aborted. */
export function abortable(port: QueryPort, signal: AbortSignal): QueryPort {
  return { query: (tenantId, query) => port.query(tenantId, query, signal) }
}

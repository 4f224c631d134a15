import type { QueryPort } from './query/tenant-query.ts'
import type { TimeRange } from './time/time-range.ts'
import type { TimeZone } from '../base/time-zone.ts'

/** What every dashboard is asked: whose, when, and in which zone its days lie. */
export interface DashboardRequest {
  readonly tenantId: string
  readonly range: TimeRange
  readonly zone: TimeZone
}

/** A dashboard: a request with its own filters comes in, its `data` leaves. Rejects with a StoreFailure. */
export type Dashboard<Filters, Data> = (port: QueryPort, request: DashboardRequest & Filters) => Promise<Data>

/** An optional equality filter: its SQL and its parameter, or nothing. The column is one of our own names. */
export function equalityFilter(column: string, parameter: string, value: string | undefined) {
  if (value === undefined) return { sql: '', parameters: {} }
  return { sql: ` AND ${column} = {${parameter}:String}`, parameters: { [parameter]: value } }
}

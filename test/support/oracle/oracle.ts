/**
 * An independent, slow and simple calculation of every dashboard from the list of published events. It shares no code
 * with the service: no SQL and no code of `src`. If the results differ, one of them violates the contract.
 */
import type { Filters, Question } from './counting.ts'
import type { History } from './history.ts'
import { JOURNEY_DASHBOARDS } from './journey-dashboards.ts'
import { MESSAGE_DASHBOARDS } from './messages/message-dashboards.ts'
import { type RangeQuery, resolveRange } from './range.ts'
import type { Granularity, Range } from './zone.ts'

/** Query parameters as in an address. */
export interface DashboardQuery extends RangeQuery, Filters {
  readonly timezone?: string
  readonly granularity?: Granularity
}

const DASHBOARDS = { ...MESSAGE_DASHBOARDS, ...JOURNEY_DASHBOARDS }

export type Dashboard = keyof typeof DASHBOARDS

export const dashboardNames = Object.keys(DASHBOARDS) as Dashboard[]

export type DataOf<D extends Dashboard> = ReturnType<(typeof DASHBOARDS)[D]['calculate']>

/** The expected `data` of the dashboard at `nowMs` for valid parameters, with all its fields and no others. */
export function expectedData<D extends Dashboard>(
  dashboard: D,
  history: History,
  query: DashboardQuery,
  nowMs: number,
): DataOf<D> {
  return expectedDataOfRange(dashboard, history, query, { range: rangeOf(dashboard, query, nowMs), asOfMs: nowMs })
}

/** The expected `data` of a range at an instant, whatever range the parameters name. */
export function expectedDataOfRange<D extends Dashboard>(
  dashboard: D,
  history: History,
  query: DashboardQuery,
  { range, asOfMs }: { readonly range: Range; readonly asOfMs: number },
): DataOf<D> {
  const { calculate, granularity } = DASHBOARDS[dashboard]
  const question: Question = {
    history,
    asOfMs,
    zone: query.timezone ?? 'UTC',
    range,
    granularity: query.granularity ?? granularity,
    filters: query,
  }
  return calculate(question) as DataOf<D>
}

/** The range of a dashboard's query at `nowMs`. */
export function rangeOf(dashboard: Dashboard, query: DashboardQuery, nowMs: number): Range {
  return resolveRange(query, DASHBOARDS[dashboard].timeRange, query.timezone ?? 'UTC', nowMs)
}

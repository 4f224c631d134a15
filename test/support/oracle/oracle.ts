/**
 * A second, slow and obvious calculation of every dashboard, from the list of what was published. It shares nothing with
 * the service: no SQL, no code of `src`. Where the two differ, one of them misreads the contract.
 */
import type { Filters, Question } from './counting.ts'
import type { History } from './history.ts'
import { JOURNEY_DASHBOARDS } from './journey-dashboards.ts'
import { MESSAGE_DASHBOARDS } from './message-dashboards.ts'
import { type RangeQuery, resolveRange } from './range.ts'
import type { Granularity } from './zone.ts'

/** Query parameters as they stand in an address. */
export interface DashboardQuery extends RangeQuery, Filters {
  readonly timezone?: string
  readonly granularity?: Granularity
}

const DASHBOARDS = { ...MESSAGE_DASHBOARDS, ...JOURNEY_DASHBOARDS }

export type Dashboard = keyof typeof DASHBOARDS

export const dashboardNames = Object.keys(DASHBOARDS) as Dashboard[]

export type DataOf<D extends Dashboard> = ReturnType<(typeof DASHBOARDS)[D]['calculate']>

/** The `data` that the dashboard must answer at `nowMs` to valid parameters, all its fields and nothing else. */
export function expectedData<D extends Dashboard>(
  dashboard: D,
  history: History,
  query: DashboardQuery,
  nowMs: number,
): DataOf<D> {
  const { calculate, timeRange, granularity } = DASHBOARDS[dashboard]
  const zone = query.timezone ?? 'UTC'
  const question: Question = {
    history,
    zone,
    range: resolveRange(query, timeRange, zone, nowMs),
    granularity: query.granularity ?? granularity,
    filters: query,
  }
  return calculate(question) as DataOf<D>
}

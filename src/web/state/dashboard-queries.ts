import type { PageControls } from '../../analytics/dashboards/page-controls.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Parameters } from '../api/api-client.ts'
import { filterParameters } from '../filters/filter.ts'
import { datesOf, daysOf, defaultGranularity } from './periods.ts'
import type { ViewState } from './view-state.ts'

/** The parameters of the requests for one dashboard. */
export interface DashboardQueries {
  readonly current: Parameters
  /** The same by the hour, for views that need it besides their own granularity. */
  readonly hourly: Parameters
  /** The parameters of a file: everything that is shown, without a limit. */
  readonly file: Parameters
  readonly live: Parameters
  readonly granularity: Granularity | undefined
}

/** The maximum of the API. Sorting and searching need all rows. */
const MAX_ROWS = '1000'

export function dashboardQueriesOf(viewState: ViewState, controls: PageControls, now: number): DashboardQueries {
  const { granularities, sorts, entityFilter, takesLimit } = controls
  const days = daysOf(datesOf(viewState, now))
  const granularity =
    granularities.find((each) => each === viewState.granularity) ?? defaultGranularity(days, granularities)
  const range = rangeOf(viewState)
  const timezone = viewState.zone
  const filters = {
    ...filterParameters(viewState.filters, controls, viewState.id),
    ...(entityFilter && viewState.id !== undefined ? { [entityFilter.parameter]: viewState.id } : {}),
  }
  const comparison = comparisonOf(viewState)
  const sort = sorts.find((each) => each === viewState.sort)
  const limit = (rows: string) => (takesLimit ? { limit: rows } : {})
  return {
    current: { ...range, timezone, ...filters, granularity, sort, ...comparison, ...limit(MAX_ROWS) },
    hourly: { ...range, timezone, ...filters, granularity: 'hour', ...limit('1') },
    file: { ...range, timezone, ...filters, granularity, sort, ...comparison },
    live: { ...range, timezone, ...filters },
    granularity,
  }
}

/** The range of the address as a request has it. */
export function rangeOf({ dates, range }: Pick<ViewState, 'dates' | 'range'>): Parameters {
  return dates ? { startDate: dates.start, endDate: dates.end } : { timeRange: range }
}

/** The comparison of the address as a request has it. */
export function comparisonOf({ compare, compareDates, align }: ViewState): Parameters {
  if (compare === 'none') return {}
  return compare === 'custom'
    ? { compare, compareStart: compareDates?.start, compareEnd: compareDates?.end }
    : { compare, align }
}

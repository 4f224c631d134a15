import type { Granularity } from '../../analytics/time/buckets.ts'
import type { ViewState } from './view-state.ts'
import { type Period, periodsOf, defaultGranularity } from './periods.ts'
import { controlsOf, viewDefinition } from '../views/views.ts'

const API_ROOT = 'api/v1/analytics/'

/** The requests of a view, each as path and query relative to the address of the service. */
export interface ViewQueries {
  readonly current: string
  /** The same query for the previous period. */
  readonly previous: string
  /** The same query by the hour, for views that need it besides their own granularity. */
  readonly hourly: string
  readonly live: string
  readonly granularity: Granularity | undefined
}

export function viewQueriesOf(viewState: ViewState, now: number): ViewQueries {
  const { takesChannel, granularities, entityFilter } = controlsOf(viewState.view)
  const { dashboard } = viewDefinition(viewState.view)
  const { days, previous } = periodsOf(viewState, now)
  const granularity = viewState.granularity ?? defaultGranularity(days, granularities)
  const range = viewState.dates
    ? { startDate: viewState.dates.start, endDate: viewState.dates.end }
    : { timeRange: viewState.range }
  const channel = takesChannel ? viewState.channel : undefined
  const shared = {
    timezone: viewState.zone,
    channel,
    granularity,
    ...(entityFilter ? { [entityFilter.parameter]: viewState.id } : {}),
  }
  return {
    current: pathOf(dashboard, { ...range, ...shared }),
    previous: pathOf(dashboard, { ...previous, ...shared }),
    hourly: pathOf(dashboard, { ...range, ...shared, granularity: 'hour' }),
    live: pathOf('live', { ...range, timezone: viewState.zone, channel }),
    granularity,
  }
}

type Parameters = Partial<Period> & Readonly<Record<string, string | undefined>>

function pathOf(name: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `${API_ROOT}${name}?${new URLSearchParams(pairs).toString()}`
}

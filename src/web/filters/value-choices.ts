/** The values that a filter can be chosen from: the closed list of a dimension, or the most frequent values of the range. */
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import type { QueryData } from '../../analytics/custom-query/query-response.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { WEEKDAYS } from '../../analytics/time/buckets.ts'
import { CHANNELS } from '../../base/channels.ts'
import { type ApiClient, apiPath } from '../api/api-client.ts'
import { messages } from '../messages/messages.ts'
import { rangeOf } from '../state/dashboard-queries.ts'
import type { ViewState } from '../state/view-state.ts'
import type { Filter } from './filter.ts'
import { rememberNames } from './filter-text.ts'

/** The largest number of values that are offered. */
export const MAX_CHOICES = 100

/** The values of dimensions that do not depend on the tenant. */
export function closedValues(dimension: DimensionName): readonly string[] | undefined {
  const { actorClasses, bounceClasses } = messages()
  switch (dimension) {
    case 'channel':
      return CHANNELS
    case 'dayOfWeek':
      return WEEKDAYS
    case 'hourOfDay':
      return Array.from({ length: 24 }, (_, hour) => String(hour))
    case 'actorClass':
      return Object.keys(actorClasses)
    case 'bounceClass':
      return Object.keys(bounceClasses)
    default:
      return undefined
  }
}

/** What has a dimension: a value without any of these events is not offered. */
const COUNTED: Readonly<Partial<Record<DimensionName, readonly QueryMetricName[]>>> = {
  workflow: ['runs', 'sent'],
  sequence: ['stepsExecuted', 'sent'],
  sourceType: ['sent', 'runs', 'stepsExecuted'],
  step: ['stepsExecuted'],
  link: ['clicked', 'opened'],
}

/** The most frequent values of a dimension in the range of the page, whose names are remembered. Rejects like a load of a view. */
export function readValues(
  api: ApiClient,
  viewState: ViewState,
  dimension: DimensionName,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return readKeys(api, dimension, { ...rangeOf(viewState), timezone: viewState.zone }, signal)
}

/** Reads the names of campaigns, workflows, … that filters contain, as far as there are events of the last 90 days. */
export async function readNames(api: ApiClient, { dimension, values }: Filter, signal: AbortSignal): Promise<void> {
  const filter = { dimension, operator: 'in', values }
  await readKeys(api, dimension, { filter, timeRange: '90d' }, signal)
}

async function readKeys(
  api: ApiClient,
  dimension: DimensionName,
  query: object,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const body = { metrics: COUNTED[dimension] ?? ['sent'], dimensions: [dimension], limit: MAX_CHOICES, ...query }
  const { data } = await api.revalidated<QueryData>(apiPath('query', {}), signal, body)
  const keys = data.rows.map(({ keys: { [dimension]: key } }) => key).filter((key) => key !== null && key !== undefined)
  rememberNames(
    dimension,
    keys.filter((key) => typeof key === 'object'),
  )
  return keys.map((key) => (typeof key === 'object' ? key.id : String(key)))
}

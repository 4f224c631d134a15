/** Which combinations a query cannot have, and why: the rules of the service, from its schema. */
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Filter } from '../filters/filter.ts'
import type { ChartKind, Exploration } from './exploration.ts'
import { metricOf, type QuerySchema } from './query-schema.ts'

/** Why a choice is not possible. `divided` and `filtered`: the metric cannot be divided or filtered by the dimension. */
export type Restriction =
  | { readonly kind: 'divided' | 'filtered'; readonly metric: QueryMetricName; readonly dimension: DimensionName }
  | { readonly kind: 'mostMetrics' | 'mostDimensions'; readonly most: number }
  | { readonly kind: 'onlyMetric' | 'tooManyBuckets' }
  | { readonly kind: 'chart'; readonly reason: ChartRestriction }

export type ChartRestriction = 'oneRow' | 'needsTime' | 'hasTime' | 'needsDimension' | 'durations' | 'gaps'

interface Chosen extends Pick<Exploration, 'metrics' | 'dimensions'> {
  readonly filters: readonly Filter[]
}

/** Why a metric cannot be added; undefined where it can. */
export function restrictionOfMetric(
  schema: QuerySchema,
  name: QueryMetricName,
  { metrics, dimensions, filters }: Chosen,
): Restriction | undefined {
  if (metrics.includes(name)) return metrics.length === 1 ? { kind: 'onlyMetric' } : undefined
  const most = schema.limits['metrics']!
  if (metrics.length >= most) return { kind: 'mostMetrics', most }
  return pairsOf(schema, { metrics: [name], dimensions, filters })[0]
}

/** Why a dimension cannot be added; undefined where it can. */
export function restrictionOfDimension(
  schema: QuerySchema,
  name: DimensionName,
  { metrics, dimensions }: Pick<Chosen, 'metrics' | 'dimensions'>,
): Restriction | undefined {
  if (dimensions.includes(name)) return undefined
  const most = schema.limits['dimensions']!
  if (dimensions.length >= most) return { kind: 'mostDimensions', most }
  return pairsOf(schema, { metrics, dimensions: [name], filters: [] })[0]
}

/** The pairs that the service refuses. */
export function pairsOf(schema: QuerySchema, { metrics, dimensions, filters }: Chosen): Restriction[] {
  const strict = schema.dimensions.filter(({ filtersOwnMetricsOnly }) => filtersOwnMetricsOnly).map(({ name }) => name)
  const filtered = [...new Set(filters.map(({ dimension }) => dimension))].filter((name) => strict.includes(name))
  return metrics.flatMap((metric) => {
    const allowed = metricOf(schema, metric).dimensions
    const refused = (kind: 'divided' | 'filtered', names: readonly DimensionName[]) =>
      names.filter((name) => !allowed.includes(name)).map((dimension) => ({ kind, metric, dimension }))
    return [...refused('divided', dimensions), ...refused('filtered', filtered)]
  })
}

const HOURS_PER_DAY = 24

/** Why the range cannot be divided by a granularity; undefined where it can. */
export function restrictionOfGranularity(
  schema: QuerySchema,
  granularity: Granularity,
  days: number,
): Restriction | undefined {
  const buckets = granularity === 'hour' ? days * HOURS_PER_DAY : granularity === 'day' ? days : 0
  return buckets > schema.limits['buckets']! ? { kind: 'tooManyBuckets' } : undefined
}

/** Why a chart cannot show the query; undefined where it can. */
export function restrictionOfChart(
  schema: QuerySchema,
  chart: ChartKind,
  { metrics, dimensions, granularity, having }: Exploration,
): Restriction | undefined {
  const reasonOf = (): ChartRestriction | undefined => {
    switch (chart) {
      case 'number':
        return dimensions.length > 0 || granularity ? 'oneRow' : undefined
      case 'line':
        if (!granularity) return 'needsTime'
        if (metricOf(schema, metrics[0]!).unit === 'seconds') return 'durations'
        return having.length > 0 ? 'gaps' : undefined
      case 'bar':
        return granularity ? 'hasTime' : dimensions.length === 0 ? 'needsDimension' : undefined
      default:
        return undefined
    }
  }
  const reason = reasonOf()
  return reason && { kind: 'chart', reason }
}

/** The charts that suit queries, the best first. */
const PREFERENCE = ['number', 'line', 'bar', 'table'] as const

/** The chart that is shown: the chosen one where it is possible, else the first that is. */
export function chartOf(schema: QuerySchema, exploration: Exploration): ChartKind {
  const isPossible = (chart: ChartKind) => restrictionOfChart(schema, chart, exploration) === undefined
  const { chart } = exploration
  return chart !== undefined && isPossible(chart) ? chart : PREFERENCE.find(isPossible)!
}

/** Which metrics queries may ask for, what they are read from, and which dimensions each may be combined with. Everything follows from the registries of metrics. */
import type { DimensionName } from '../dimensions.ts'
import { ENGAGEMENT_METRICS, type EngagementMetricName } from '../engagement/engagement-metrics.ts'
import { COUNTS, type CountName, type Metric, type MetricName, METRICS, type RateName, RATES } from '../metrics.ts'

/** Counts of the dashboards that no query can read: that of campaigns with any event, and that of enrollments which had not ended, whenever they began. */
type UnavailableMetric = 'campaigns' | 'activeEnrollments'
export type QueryMetricName = Exclude<MetricName, UnavailableMetric> | EngagementMetricName

interface QueryMetric {
  readonly unit: string
  readonly kind: 'events' | 'distinct' | 'rate' | 'engagement'
  readonly label: string
  readonly definition: string
  readonly dimensions: readonly DimensionName[]
}

/** Every metric that a query may ask for. */
export const QUERY_METRICS = Object.fromEntries([
  ...Object.entries(METRICS)
    .filter(([, metric]) => isAvailable(metric))
    .map(([name, metric]) => [name, { ...metric, definition: definitionOf(metric), dimensions: dimensionsOf(metric) }]),
  ...Object.entries(ENGAGEMENT_METRICS),
]) as Readonly<Record<QueryMetricName, QueryMetric>>
export const QUERY_METRIC_NAMES = Object.keys(QUERY_METRICS) as QueryMetricName[]

function isAvailable(metric: Metric): boolean {
  return metric.kind !== 'distinct' || (metric.eventTypes !== undefined && metric.without === undefined)
}

function definitionOf(metric: Metric): string {
  return metric.kind === 'rate' && metric.note !== undefined
    ? `${metric.definition}. ${metric.note.replace(/\.$/, '')}`
    : metric.definition
}

/** A rate may be divided by what both of its counts may be divided by. */
function dimensionsOf(metric: Metric): readonly DimensionName[] {
  if (metric.kind !== 'rate') return metric.dimensions
  const [part, whole] = [metric.numerator, metric.denominator].map((name) => {
    const dimensions: readonly DimensionName[] = COUNTS[name as CountName].dimensions
    return dimensions
  })
  return part!.filter((dimension) => whole!.includes(dimension))
}

/** The dimensions that a filter may have only where the metric may be divided by them: other events or messages have no such value. */
export const FILTERS_OF_OWN_METRICS: readonly DimensionName[] = ['actorClass', 'link', 'bounceClass']

/** A metric with a dimension that it cannot be divided or filtered by. */
export interface RefusedPair {
  readonly metric: QueryMetricName
  readonly dimension: DimensionName
  readonly field: 'dimensions' | 'filter'
}

/** The pairs of a query that are refused. */
export function refusedPairs(
  metrics: readonly QueryMetricName[],
  dimensions: readonly DimensionName[],
  filterDimensions: ReadonlySet<DimensionName>,
): RefusedPair[] {
  return metrics.flatMap((metric) => {
    const allowed = QUERY_METRICS[metric].dimensions
    const refused = (field: RefusedPair['field']) => (dimension: DimensionName) =>
      allowed.includes(dimension) ? [] : [{ metric, dimension, field }]
    return [
      ...dimensions.flatMap(refused('dimensions')),
      ...FILTERS_OF_OWN_METRICS.filter((dimension) => filterDimensions.has(dimension)).flatMap(refused('filter')),
    ]
  })
}

export function isEngagementMetric(name: QueryMetricName): name is EngagementMetricName {
  return Object.hasOwn(ENGAGEMENT_METRICS, name)
}

function isRate(name: QueryMetricName): name is RateName {
  return Object.hasOwn(RATES, name)
}

/** The counts of events that these metrics are calculated from, each once. */
export function eventCountsOf(names: readonly QueryMetricName[]): CountName[] {
  const counts = names
    .filter((name) => !isEngagementMetric(name))
    .flatMap((name) => (isRate(name) ? [RATES[name].numerator, RATES[name].denominator] : [name as CountName]))
  return [...new Set(counts)]
}

/** What a query's answer depends on besides events: the facts of messages, which follow from the rules of classes. */
export function dependsOnFacts(
  metrics: readonly QueryMetricName[],
  dimensions: readonly DimensionName[],
  filterDimensions: ReadonlySet<DimensionName>,
): boolean {
  return metrics.some(isEngagementMetric) || dimensions.includes('actorClass') || filterDimensions.has('actorClass')
}

/** What queries may ask for, as the service says it. */
import type { QuerySchema } from '../../analytics/custom-query/query-response.ts'
import { type ApiClient, apiPath } from '../api/api-client.ts'

export type { QuerySchema }
export type SchemaMetric = QuerySchema['metrics'][number]

let known: Promise<QuerySchema> | undefined

/** Reads the schema once: it is the same for all tenants, as long as the service is not replaced. Rejects like a load of a view. */
export function readQuerySchema(api: ApiClient): Promise<QuerySchema> {
  known ??= (async () => {
    try {
      // Another load may wait for it, so that none of them aborts it.
      return (await api.revalidated<QuerySchema>(apiPath('query/schema', {}), new AbortController().signal)).data
    } catch (error) {
      known = undefined
      throw error
    }
  })()
  return known
}

export function metricOf(schema: QuerySchema, name: string): SchemaMetric {
  return schema.metrics.find((metric) => metric.name === name)!
}

export const METRIC_GROUPS = ['outcomes', 'outcomeRates', 'events', 'journeys', 'others'] as const
export type MetricGroup = (typeof METRIC_GROUPS)[number]

/** The part of the choice of metrics that a metric belongs to. */
function groupOf({ kind, unit, dimensions }: SchemaMetric): MetricGroup {
  if (kind === 'engagement') return unit === 'messages' ? 'outcomes' : 'outcomeRates'
  if (!dimensions.includes('channel')) return 'journeys'
  return kind === 'rate' || unit === 'messages' ? 'events' : 'others'
}

/** The metrics of each group, in the order of the service. */
export function metricsByGroup({ metrics }: QuerySchema): readonly (readonly [MetricGroup, readonly SchemaMetric[]])[] {
  return METRIC_GROUPS.map((group) => [group, metrics.filter((metric) => groupOf(metric) === group)] as const)
}

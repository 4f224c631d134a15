/** The object `engagement` of responses, with a field per metric of the registry. */
import { type TInteger, type TNumber, type TSchema, Type } from '@sinclair/typebox'
import { ENGAGEMENT_COUNTS, ENGAGEMENT_METRICS, type EngagementMetric } from './engagement-metrics.ts'
import { count, object } from '../schemas.ts'

type SchemaOf<Metric extends EngagementMetric> = Metric['unit'] extends 'messages'
  ? TInteger
  : Metric['unit'] extends 'percent'
    ? TNumber
    : ReturnType<typeof nullableSeconds>

type SchemasOf<Metrics extends Readonly<Record<string, EngagementMetric>>> = {
  [Name in keyof Metrics]: SchemaOf<Metrics[Name]>
}

/** All metrics, for totals and items of lists. */
export const engagementSchema = object(
  schemasOf(ENGAGEMENT_METRICS),
  'What became of the messages that were first sent in the range',
  'Engagement',
)

/** The counts, for items of series, where a message counts in the bucket of its first sending. */
export const engagementCountsSchema = object(
  schemasOf(ENGAGEMENT_COUNTS),
  'What became of the messages that were first sent in the bucket',
  'EngagementCounts',
)

function schemasOf<Metrics extends Readonly<Record<string, EngagementMetric>>>(metrics: Metrics): SchemasOf<Metrics> {
  const schemas: unknown = Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, schemaOf(metric)]))
  return schemas as SchemasOf<Metrics>
}

function schemaOf({ unit, definition }: EngagementMetric): TSchema {
  if (unit === 'messages') return count(definition)
  if (unit === 'seconds') return nullableSeconds(definition)
  return Type.Number({
    minimum: 0,
    maximum: 100,
    description: `${definition}, in percent, rounded to 2 decimals; 0 when there is nothing to divide by.`,
    unit,
  })
}

function nullableSeconds(definition: string) {
  const description = `${definition}, in seconds; of an even number the lower of the two middle values, null when there is none.`
  return Type.Union([Type.Number({ minimum: 0, description, unit: 'seconds' }), Type.Null()])
}

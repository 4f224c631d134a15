/** Requests of queries: their schema, and what a valid one asks for. */
import { type Static, Type } from '@sinclair/typebox'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { type Comparison, comparisonParameters, resolveComparison } from '../comparison/comparison-request.ts'
import { type DimensionName, DIMENSION_NAMES, DIMENSIONS } from '../dimensions.ts'
import { rangeParameters } from '../parameters.ts'
import { choice, object } from '../schemas.ts'
import { bucketStarts, type Granularity, GRANULARITIES } from '../time/buckets.ts'
import { requireTimeZone, resolveTimeRange, type TimeRange } from '../time/time-range.ts'
import { HAVING_OPERATORS, type HavingCondition, type QueryOrder } from './arrange.ts'
import { dimensionsOfFilter, type FilterTree, parseFilter, unknownDimensionMessage } from '../filter/filter-tree.ts'
import { MAX_BUCKETS, tooManyGroups } from './reading/groups.ts'
import { QUERY_METRIC_NAMES, QUERY_METRICS, type QueryMetricName, refusedPairs } from './metric-sources.ts'

export const QUERY_LIMITS = { metrics: 10, dimensions: 3, conditions: 10, rows: 1_000, defaultRows: 100 } as const
const QUERY_PRESET = '30d'

/** A name of a closed list. It is checked after the schema, so that a failure says which name is unknown. */
const nameOf = <Name extends string>(names: readonly Name[], description: string) =>
  Type.Unsafe<Name>(Type.String({ minLength: 1, maxLength: 100, enum: names, description }))

export const QueryRequest = object(
  {
    metrics: Type.Array(nameOf(QUERY_METRIC_NAMES, 'A metric of `/query/schema`.'), {
      minItems: 1,
      maxItems: QUERY_LIMITS.metrics,
      description: 'What is counted, in the order of the values.',
    }),
    dimensions: Type.Optional(
      Type.Array(nameOf(DIMENSION_NAMES, 'A dimension of `/query/schema`.'), {
        maxItems: QUERY_LIMITS.dimensions,
        description: 'What the rows are divided by.',
      }),
    ),
    filter: Type.Optional(
      Type.Unsafe<FilterTree | null>(
        Type.Any({
          description:
            'Which events count, and which messages by their first sending: `{"and": […]}`, `{"or": […]}`, `{"not": …}` or a condition `{"dimension": …, "operator": "in" | "notIn" | "exists", "values": […]}`. `notIn` passes a missing value; `exists` takes no values.',
        }),
      ),
    ),
    ...rangeParameters(QUERY_PRESET),
    granularity: Type.Optional(
      choice(
        GRANULARITIES,
        'Adds the key `timestamp`: the start of the bucket, calendar aligned in `timezone`. Without dimensions, empty buckets are rows too.',
      ),
    ),
    ...comparisonParameters(),
    having: Type.Optional(
      Type.Array(
        object(
          {
            metric: nameOf(QUERY_METRIC_NAMES, 'One of the metrics of the query.'),
            operator: choice(HAVING_OPERATORS, 'How its value compares.'),
            value: Type.Number({ description: 'What it is compared with.' }),
          },
          'A condition on a row.',
          'QueryCondition',
        ),
        { maxItems: QUERY_LIMITS.conditions, description: 'Conditions that rows have to meet, all of them.' },
      ),
    ),
    orderBy: Type.Optional(
      Type.Array(
        object(
          {
            by: Type.Unsafe<QueryOrder['by']>(
              Type.String({
                minLength: 1,
                maxLength: 100,
                description: 'A metric or dimension of the query, or `timestamp`.',
              }),
            ),
            direction: Type.Optional(choice(['asc', 'desc'], 'The direction.', 'desc')),
          },
          'One part of the order.',
          'QueryOrder',
        ),
        {
          maxItems: QUERY_LIMITS.conditions,
          description:
            'The order of the rows; missing values last, equal rows by their keys. Without it: the first metric, the largest first; series by time.',
        },
      ),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: QUERY_LIMITS.rows,
        default: QUERY_LIMITS.defaultRows,
        description: 'The number of rows of a page.',
      }),
    ),
    cursor: Type.Optional(
      Type.Union([Type.String({ maxLength: 8_000 }), Type.Null()], {
        description: 'The `cursor` of a response to the same query: the next page. Only the limit may change.',
      }),
    ),
    totals: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether the response has the values over everything that passes the filter.',
      }),
    ),
  },
  'A query.',
  'QueryRequest',
)
export type QueryRequest = Static<typeof QueryRequest>

/** What a valid request asks for. */
export interface CustomQuery {
  readonly metrics: readonly QueryMetricName[]
  readonly dimensions: readonly DimensionName[]
  readonly filter: FilterTree | undefined
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly granularity: Granularity | undefined
  /** The starts of the buckets of the range; undefined without a granularity. */
  readonly buckets: readonly number[] | undefined
  readonly comparison: Comparison | undefined
  readonly having: readonly HavingCondition[]
  readonly orderBy: readonly QueryOrder[]
  readonly totals: boolean
}

/** Throws a VALIDATION_ERROR that names each mistake, or TOO_MANY_GROUPS for too many buckets. `requestedOn` decides which days a preset means. */
export function resolveQuery(request: QueryRequest, requestedOn: number): CustomQuery {
  const { metrics, dimensions = [], having = [], granularity, totals = false } = request
  const details = [
    ...unknownNames(
      'metrics',
      metrics,
      QUERY_METRICS,
      (name) => `Unknown metric ${name}. GET /query/schema lists them.`,
    ),
    ...unknownNames('dimensions', dimensions, DIMENSIONS, unknownDimensionMessage),
    ...repeated('metrics', metrics),
    ...repeated('dimensions', dimensions),
    ...having.flatMap(({ metric }, index) =>
      metrics.includes(metric) ? [] : [notAsked(`having[${index}].metric`, metric)],
    ),
  ]
  throwAny(details)
  const filter = parseFilter(request.filter)
  throwAny([
    ...refusedPairs(metrics, dimensions, dimensionsOfFilter(filter)).map(({ metric, dimension, field }) => ({
      path: field,
      message: `The metric ${metric} cannot be ${field === 'filter' ? 'filtered' : 'divided'} by ${dimension}.`,
    })),
    ...(request.orderBy ?? []).flatMap(({ by }, index) =>
      [...metrics, ...dimensions, ...(granularity ? ['timestamp'] : [])].includes(by)
        ? []
        : [notAsked(`orderBy[${index}].by`, by)],
    ),
  ])
  const zone = requireTimeZone(request.timezone)
  const range = resolveTimeRange(request, QUERY_PRESET, zone, requestedOn)
  const comparison = resolveComparison(request, range, zone)
  const buckets = granularity && bucketsOfRange(range, granularity, zone)
  if (comparison && granularity) bucketsOfRange(comparison.older, granularity, zone)
  const isSeries = granularity !== undefined && dimensions.length === 0
  const defaultOrder: QueryOrder = isSeries
    ? { by: 'timestamp', direction: 'asc' }
    : { by: metrics[0]!, direction: 'desc' }
  const orderBy = request.orderBy?.length
    ? request.orderBy.map(({ by, direction = 'desc' }) => ({ by, direction }))
    : [defaultOrder]
  return { metrics, dimensions, filter, range, zone, granularity, buckets, comparison, having, orderBy, totals }
}

/** The shortest bucket of each granularity, for a bound without counting. */
const SHORTEST_BUCKET_MS: Readonly<Record<Granularity, number>> = {
  hour: 3_600_000,
  day: 82_800_000,
  week: 601_200_000,
  month: 2_415_600_000,
}

/** The starts of the buckets of a range. Throws TOO_MANY_GROUPS for too many. */
export function bucketsOfRange(range: TimeRange, granularity: Granularity, zone: TimeZone): readonly number[] {
  const buckets =
    (range.end - range.start) / SHORTEST_BUCKET_MS[granularity] > 2 * MAX_BUCKETS
      ? []
      : bucketStarts(range, granularity, zone)
  if (buckets.length === 0 || buckets.length > MAX_BUCKETS) throw tooManyGroups(MAX_BUCKETS, 'time buckets')
  return buckets
}

function unknownNames(
  field: string,
  names: readonly string[],
  known: object,
  message: (name: string) => string,
): FailureDetail[] {
  return names.flatMap((name, index) =>
    Object.hasOwn(known, name) ? [] : [{ path: `${field}[${index}]`, message: message(name) }],
  )
}

function repeated(field: string, names: readonly string[]): FailureDetail[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ path: `${field}[${index}]`, message: `${name} is given twice.` }],
  )
}

function notAsked(path: string, name: string): FailureDetail {
  return { path, message: `${name} is not part of the query.` }
}

function throwAny(details: readonly FailureDetail[]): void {
  if (details.length > 0) throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, 20))
}

/** The schemas of the responses of queries and of their schema. */
import { drillSchema } from '../drill-down/drill-schema.ts'
import { type Static, Type } from '@sinclair/typebox'
import type { NamedEntity } from '../../events/event-row.ts'
import { WEEKDAYS } from '../time/buckets.ts'
import { ACTOR_CLASSES } from '../engagement/actor-classes.ts'
import { type DimensionName, DIMENSION_NAMES, DIMENSIONS } from '../dimensions.ts'
import { rate } from '../rates.ts'
import { count, instant, object, text } from '../schemas.ts'
import { CHANGE, COMPARED_RANGE } from '../comparison/comparison-schema.ts'
import { FILTER_LIMITS, FILTER_OPERATORS } from '../filter/filter-tree.ts'
import { MAX_BUCKETS, MAX_GROUPS } from './reading/groups.ts'
import { FILTERS_OF_OWN_METRICS, QUERY_METRIC_NAMES, QUERY_METRICS } from './metric-sources.ts'
import { QUERY_LIMITS, QueryRequest } from './query-request.ts'

/** The dimensions whose values are entities with names. */
export const ENTITY_DIMENSIONS = ['campaign', 'workflow', 'sequence', 'template'] as const satisfies (DimensionName &
  NamedEntity)[]

const values = (description: string) =>
  Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]), { description })

const KeySchema = Type.Unsafe<string | number | { id: string; name: string } | null>(
  Type.Any({
    description: 'A text or a number; `{id, name}` of a campaign, workflow, sequence or template; null for no value',
  }),
)

const AnsweredRow = object(
  {
    keys: Type.Record(Type.String(), KeySchema, {
      description: 'The value of each dimension, by its name, and `timestamp` with a granularity.',
    }),
    values: values('The value of each metric, by its name. A median without a value is null.'),
    previous: Type.Optional(
      Type.Union([
        values('The same of the older range, only with `compare`; null where it has no such bucket.'),
        Type.Null(),
      ]),
    ),
    drill: Type.Optional(drillSchema),
  },
  'One row.',
  'QueryRow',
)
export type AnsweredRow = Static<typeof AnsweredRow>

const QueryComparison = object(
  {
    ...COMPARED_RANGE,
    totals: Type.Optional(values('The totals of the older range, where totals are asked for.')),
    change: Type.Optional(
      Type.Record(Type.String(), CHANGE, { description: 'The change of each total, by the name of its metric.' }),
    ),
  },
  'The comparison with an older range. Only with `compare`.',
  'QueryComparison',
)
export type QueryComparison = Static<typeof QueryComparison>

const { metrics, dimensions, filter, granularity, compare, having, orderBy, limit, totals } = QueryRequest.properties
const ResolvedQuery = object(
  {
    metrics,
    dimensions,
    filter,
    timeRange: object(
      { start: instant('First instant of the range'), end: instant('Last instant of the range') },
      'The range.',
      'QueryRange',
    ),
    timezone: text('The time zone of days and hours'),
    granularity,
    compare,
    having,
    orderBy,
    limit,
    totals,
  },
  'The query as it was answered.',
  'ResolvedQuery',
)

export const QueryData = object(
  {
    rows: Type.Array(AnsweredRow, { description: 'The rows of the page.' }),
    totals: Type.Union([
      values('The values over everything that passes the filter; null unless asked for.'),
      Type.Null(),
    ]),
    rowCount: count('The number of rows, over all pages'),
    cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'The `cursor` of the next page; null on the last one.',
    }),
    query: ResolvedQuery,
    comparison: Type.Optional(QueryComparison),
  },
  'The answer of a query.',
  'QueryAnswer',
)
export type QueryData = Static<typeof QueryData>

export const QuerySchemaData = object(
  {
    metrics: Type.Array(
      object(
        {
          name: text('The name in requests'),
          label: text('The name for headings'),
          unit: text('What its numbers are: messages, percent, seconds, …'),
          kind: text('events, distinct, rate or engagement'),
          definition: text('What it counts'),
          dimensions: Type.Array(Type.String(), { description: 'The dimensions that it may be divided by.' }),
        },
        'A metric.',
        'QueryMetric',
      ),
      { description: 'Every metric that a query may ask for.' },
    ),
    dimensions: Type.Array(
      object(
        {
          name: text('The name in requests'),
          label: text('The name for headings'),
          definition: text('What its values are'),
          values: Type.Optional(
            Type.Array(Type.String(), { description: 'Its values, where they are a closed list.' }),
          ),
          filtersOwnMetricsOnly: Type.Boolean({
            description: 'Whether only metrics that may be divided by it may be filtered by it.',
          }),
        },
        'A dimension.',
        'QueryDimension',
      ),
      { description: 'Every dimension.' },
    ),
    operators: Type.Array(Type.String(), { description: 'The operators of conditions of a filter.' }),
    limits: Type.Record(Type.String(), Type.Integer(), { description: 'The limits of a query, by their names.' }),
  },
  'What queries may ask for.',
  'QuerySchema',
)
export type QuerySchema = Static<typeof QuerySchemaData>

/** The answer to the example of a request. */
export const QUERY_EXAMPLE: QueryData = {
  rows: [
    {
      keys: { campaign: { id: 'cmp-2', name: 'Alumni Spring Gala' } },
      values: { messages: 497, humanOpenRate: rate(158, 480) },
    },
    {
      keys: { campaign: { id: 'cmp-1', name: 'Black Friday Sale' } },
      values: { messages: 690, humanOpenRate: rate(176, 670) },
    },
  ],
  totals: { messages: 1500, humanOpenRate: rate(404, 1453) },
  rowCount: 3,
  cursor: 'WzEsIjRTaWJPY3NldnVVdTVWSFU0QUdNcFJ3UCIsMTc2OTM4NTYwMDAwMCxbMjYuMjcsImNtcC0xIl1d',
  query: {
    metrics: ['messages', 'humanOpenRate'],
    dimensions: ['campaign'],
    filter: { dimension: 'campaign', operator: 'exists' },
    timeRange: { start: '2026-01-26T00:00:00Z', end: '2026-01-28T23:59:59.999Z' },
    timezone: 'UTC',
    compare: 'none',
    having: [{ metric: 'messages', operator: 'gte', value: 100 }],
    orderBy: [{ by: 'humanOpenRate', direction: 'desc' }],
    limit: 2,
    totals: true,
  },
}

/** The values of dimensions with a closed list. */
const CLOSED_VALUES: Readonly<Partial<Record<DimensionName, readonly string[]>>> = {
  actorClass: ACTOR_CLASSES,
  dayOfWeek: WEEKDAYS,
}

/** The registry of metrics and dimensions, as far as queries may ask for them. */
export const QUERY_SCHEMA: QuerySchema = {
  metrics: QUERY_METRIC_NAMES.map((name) => {
    const { label, unit, kind, definition, dimensions: own } = QUERY_METRICS[name]
    return { name, label, unit, kind, definition, dimensions: [...own] }
  }),
  dimensions: DIMENSION_NAMES.map((name) => ({
    name,
    label: DIMENSIONS[name].label,
    definition: DIMENSIONS[name].definition,
    ...(name in CLOSED_VALUES ? { values: [...CLOSED_VALUES[name]!] } : {}),
    filtersOwnMetricsOnly: FILTERS_OF_OWN_METRICS.includes(name),
  })),
  operators: [...FILTER_OPERATORS],
  limits: {
    metrics: QUERY_LIMITS.metrics,
    dimensions: QUERY_LIMITS.dimensions,
    rows: QUERY_LIMITS.rows,
    groups: MAX_GROUPS,
    buckets: MAX_BUCKETS,
    filterDepth: FILTER_LIMITS.depth,
    filterLeaves: FILTER_LIMITS.leaves,
    filterValues: FILTER_LIMITS.values,
  },
}

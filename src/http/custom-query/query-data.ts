/** The data of the response to a query, and what it costs. */
import { type CustomQuery, QueryRequest } from '../../analytics/custom-query/query-request.ts'
import type { QueryData } from '../../analytics/custom-query/query-response.ts'
import { sourcesOf } from '../../analytics/custom-query/reading/read-groups.ts'
import type { QueryAnswer } from '../../analytics/custom-query/run-query.ts'
import { formatInstant } from '../../analytics/time/buckets.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { queryCost } from '../limits/tenant-limits.ts'
import { encodeQueryCursor } from './query-cursor.ts'

/** Reading the events of messages costs as much as a large query: a tenant runs one of them at a time. */
const CLASSES_COST = 5

export interface AnsweredPage {
  readonly limit: number
  /** Identifies the query without its page. */
  readonly pagedQuery: string
  readonly requestedOn: number
}

export function queryDataOf(
  query: CustomQuery,
  { rows, totals, rowCount, next, comparison }: QueryAnswer,
  { limit, pagedQuery, requestedOn }: AnsweredPage,
): QueryData {
  return {
    rows: [...rows],
    totals,
    rowCount,
    cursor: next ? encodeQueryCursor(pagedQuery, { requestedOn, after: next }) : null,
    query: answeredQuery(query, limit),
    ...(comparison ? { comparison } : {}),
  }
}

/** The query of a request without its page, in one order of the fields. */
export function spellingOf(body: QueryRequest): string {
  const names = Object.keys(QueryRequest.properties).filter((name) => name !== 'cursor' && name !== 'limit')
  return JSON.stringify(names.map((name) => body[name as keyof QueryRequest] ?? null))
}

/** Identifies the query of a request without its page. */
export function pagedQueryOf(tenantId: string, body: QueryRequest): Promise<string> {
  return digestOf([tenantId, spellingOf(body)])
}

/** Known before any SQL: the buckets of both ranges, each further source of metrics, and the reading of classes. */
export function costOfQuery({
  metrics,
  dimensions,
  filter,
  range,
  granularity = 'day',
  comparison,
  totals,
}: CustomQuery): number {
  const { events, actions, messages, uniqueActions } = sourcesOf(metrics, { dimensions, filter })
  const sources = [events, messages].filter((names) => names.length > 0).length
  const classes = [actions, uniqueActions].filter((names) => names.length > 0).length
  const sides = comparison ? [range, comparison.older] : [range]
  const reads = sides.reduce((sum, side) => sum + queryCost(side, granularity), 0)
  return reads + Math.max(0, sources - 1) + classes * CLASSES_COST + (totals ? 1 : 0)
}

function answeredQuery(query: CustomQuery, limit: number): QueryData['query'] {
  const { metrics, dimensions, filter, range, zone, granularity, comparison, having, orderBy, totals } = query
  return {
    metrics: [...metrics],
    dimensions: [...dimensions],
    filter: filter ?? null,
    timeRange: { start: formatInstant(range.start), end: formatInstant(range.end) },
    timezone: zone.name,
    ...(granularity ? { granularity } : {}),
    compare: comparison?.compare ?? 'none',
    having: [...having],
    orderBy: [...orderBy],
    limit,
    totals,
  }
}

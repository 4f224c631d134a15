/** The texts that identify a query: for the response cache, for entity tags and for cursors. */
import { type Comparison, COMPARISON_PARAMETERS } from '../../analytics/comparison/comparison-request.ts'
import type { PageRequest } from '../../analytics/query/list-page.ts'
import { csvStyleOf, EXPORT_PARAMETERS, type ExportParameters } from '../export/export-parameters.ts'
import type { ResponseFormat } from '../export/response-format.ts'

export type QueryValues = Readonly<Record<string, string | number>>

/** The parameters of the page of a dashboard's lists. */
export interface ListPageParameters {
  readonly limit?: PageRequest['limit']
  readonly cursor?: string | undefined
}

const NON_FILTER_PARAMETERS: ReadonlySet<string> = new Set([
  ...['timeRange', 'startDate', 'endDate', 'timezone', 'limit', 'cursor'],
  ...EXPORT_PARAMETERS,
  ...COMPARISON_PARAMETERS,
])

/**
 * The parameters that choose among the events, besides the range. The range is identified by its instants, so that a preset on another day is another query.
 */
export function filtersOf(query: object): QueryValues {
  const filters = Object.entries(query).filter(
    ([name, value]) => value !== undefined && !NON_FILTER_PARAMETERS.has(name),
  )
  return Object.fromEntries(filters) as QueryValues
}

/** What the range is compared with, by its instants: two ways to write one comparison are one query. Empty without a comparison. */
export function comparisonValuesOf(comparison: Comparison | undefined): QueryValues {
  if (!comparison) return {}
  const { compare, align, older } = comparison
  return { compare, align, olderStart: older.start, olderEnd: older.end }
}

/** The page of a dashboard's lists; empty where it has none. The limit has a default where there are lists. */
export function listPageOf({ limit, cursor }: ListPageParameters, format: ResponseFormat): QueryValues {
  if (limit === undefined) return {}
  if (format !== 'json') return { limit: 'all' }
  return { limit, ...(cursor ? { cursor } : {}) }
}

/** A query of a dashboard, in one spelling. */
export function queryKeyOf(dashboard: string, query: QueryValues): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${dashboard}?${pairs.toSorted().join('&')}`
}

/** The part of an entity tag that distinguishes the formats of one response. */
export function representationOf(format: ResponseFormat, table: string, query: ExportParameters): string {
  if (format === 'json') return ''
  if (format === 'xlsx') return '#xlsx'
  const { delimiter, decimal } = csvStyleOf(query)
  return `#csv/${table}/${delimiter}/${decimal}`
}

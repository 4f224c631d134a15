/** What the explorer shows, as the address of the page contains it, and the query that reads it. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import type { QueryRequest } from '../../analytics/custom-query/query-request.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { GRANULARITIES, type Granularity } from '../../analytics/time/buckets.ts'
import { listOf, numberOf, objectOf, parseDefinition, type Untrusted } from '../analysis/definition-text.ts'
import { comparisonOf, rangeOf } from '../state/dashboard-queries.ts'
import type { ViewState } from '../state/view-state.ts'
import type { QuerySchema } from './query-schema.ts'

export const CHARTS = ['number', 'line', 'bar', 'table'] as const
export type ChartKind = (typeof CHARTS)[number]
export const HAVING_OPERATORS = ['gte', 'gt', 'lte', 'lt', 'eq'] as const
export const PAGE_SIZES = [25, 100, 500, 1_000] as const
/** The most rows that the service sends at once. A chart over time needs all of them. */
export const MAX_ROWS = 1_000
export const MAX_HAVING = 10
/** The rows of a query are at most 10,000. */
const MAX_PAGES = 10_000

export interface Having {
  readonly metric: QueryMetricName
  readonly operator: (typeof HAVING_OPERATORS)[number]
  readonly value: number
}

export interface Order {
  readonly by: string
  readonly direction: 'asc' | 'desc'
}

export interface Exploration {
  /** At least one. */
  readonly metrics: readonly QueryMetricName[]
  readonly dimensions: readonly DimensionName[]
  readonly granularity: Granularity | undefined
  /** Undefined for the chart that suits the query. */
  readonly chart: ChartKind | undefined
  readonly having: readonly Having[]
  /** Undefined for the usual order: the first metric, the largest first, or by time. */
  readonly order: Order | undefined
  readonly pageSize: number
  /** The page that is shown, if it is not the first one: where it begins, and its number. */
  readonly page: { readonly cursor: string; readonly number: number } | undefined
}

const FIRST: Exploration = {
  metrics: ['messages', 'humanOpens', 'humanClicks'],
  dimensions: [],
  granularity: 'day',
  chart: undefined,
  having: [],
  order: undefined,
  pageSize: 100,
  page: undefined,
}

/** Reads the text of an address; leaves out what the service does not know. */
export function parseExploration(text: string | undefined, schema: QuerySchema): Exploration {
  if (text === undefined) return FIRST
  const parts = parseDefinition(text)
  const known = <Name extends string>(names: readonly { readonly name: string }[], value: unknown) =>
    [...new Set(listOf(value))].filter((name): name is Name => names.some((each) => each.name === name))
  const metrics = known<QueryMetricName>(schema.metrics, parts['metrics']).slice(0, schema.limits['metrics'])
  if (metrics.length === 0) return FIRST
  const dimensions = known<DimensionName>(schema.dimensions, parts['by']).slice(0, schema.limits['dimensions'])
  const granularity = GRANULARITIES.find((each) => each === parts['granularity'])
  return {
    metrics,
    dimensions,
    granularity,
    chart: CHARTS.find((each) => each === parts['chart']),
    having: listOf(parts['having'])
      .flatMap((each) => havingOf(each, metrics) ?? [])
      .slice(0, MAX_HAVING),
    order: orderOf(parts['order'], [...metrics, ...dimensions, ...(granularity ? ['timestamp'] : [])]),
    pageSize: PAGE_SIZES.find((each) => each === parts['rows']) ?? FIRST.pageSize,
    page: pageOf(parts),
  }
}

function havingOf(part: unknown, metrics: readonly QueryMetricName[]): Having | undefined {
  const { metric, operator, value } = objectOf(part)
  const [name, sign] = [metrics.find((each) => each === metric), HAVING_OPERATORS.find((each) => each === operator)]
  if (name === undefined || sign === undefined || typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return { metric: name, operator: sign, value }
}

function orderOf(part: unknown, names: readonly string[]): Order | undefined {
  const { by, direction } = objectOf(part)
  const name = names.find((each) => each === by)
  return name === undefined ? undefined : { by: name, direction: direction === 'asc' ? 'asc' : 'desc' }
}

function pageOf({ cursor, page }: Untrusted): Exploration['page'] {
  if (typeof cursor !== 'string') return undefined
  return { cursor, number: numberOf(page, [2, MAX_PAGES], 2) }
}

/** The text of the address. */
export function formatExploration(exploration: Exploration): string {
  const { metrics, dimensions, granularity, chart, having, order, pageSize, page } = exploration
  return JSON.stringify({
    metrics,
    ...(dimensions.length > 0 && { by: dimensions }),
    granularity,
    chart,
    ...(having.length > 0 && { having }),
    order,
    ...(pageSize !== FIRST.pageSize && { rows: pageSize }),
    ...(page && { cursor: page.cursor, page: page.number }),
  })
}

/** A change of what is shown begins at the first page, and takes with it what has lost its metric or dimension. */
export function changed(exploration: Exploration, next: Partial<Exploration>): Exploration {
  const merged = { ...exploration, page: undefined, ...next }
  const { metrics, dimensions, granularity, having, order } = merged
  const names: readonly string[] = [...metrics, ...dimensions, ...(granularity ? ['timestamp'] : [])]
  return {
    ...merged,
    having: having.filter(({ metric }) => metrics.includes(metric)),
    order: order && names.includes(order.by) ? order : undefined,
  }
}

/** The body of the query. `isWhole`: as many rows as possible, because a chart shows all of them. */
export function queryBodyOf(
  { metrics, dimensions, granularity, having, order, pageSize, page }: Exploration,
  viewState: ViewState,
  filter: FilterTree | undefined,
  isWhole: boolean,
): QueryRequest {
  return {
    metrics: [...metrics],
    ...(dimensions.length > 0 && { dimensions: [...dimensions] }),
    ...(filter && { filter }),
    ...rangeOf(viewState),
    timezone: viewState.zone,
    ...(granularity && { granularity }),
    ...comparisonOf(viewState),
    ...(having.length > 0 && { having: [...having] }),
    ...(order && { orderBy: [order] }),
    limit: isWhole ? MAX_ROWS : pageSize,
    ...(page && !isWhole && { cursor: page.cursor }),
    totals: true,
  } as QueryRequest
}

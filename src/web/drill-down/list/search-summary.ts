/** The number that a search is behind, and the name of what it is about, from the registry of metrics. */
import type { FilterTree } from '../../../analytics/filter/filter-tree.ts'
import type { DimensionName } from '../../../analytics/dimensions.ts'
import { type ApiClient, apiPath } from '../../api/api-client.ts'
import { metricOf } from '../describe-drill.ts'
import type { ShownDrill } from '../drill-state.ts'

export interface SearchSummary {
  /** Undefined where no metric counts the same. */
  readonly count: number | undefined
  /** By dimension and id, with a space between them. */
  readonly names: ReadonlyMap<string, string>
}

export const NO_SUMMARY: SearchSummary = { count: undefined, names: new Map() }

const NAMED: readonly DimensionName[] = ['campaign', 'workflow', 'sequence', 'template']

interface QueryData {
  readonly rows: readonly { readonly keys: Readonly<Record<string, unknown>> }[]
  readonly totals: Readonly<Record<string, number>> | null
}

/** Resolves with what is known; an error means that nothing is: the list is complete without it. */
export async function readSummary(api: ApiClient, drill: ShownDrill, signal: AbortSignal): Promise<SearchSummary> {
  const metric = metricOf(drill)
  if (metric === undefined) return NO_SUMMARY
  const { filter, timeRange, startDate, endDate, timezone } = drill.body
  const named = namedDimensionsOf(filter as FilterTree | undefined)
  const query = { metrics: [metric], dimensions: named, totals: true, filter, timeRange, startDate, endDate, timezone }
  try {
    const { data } = await api.read<QueryData>(apiPath('query', {}), signal, query)
    const names = data.rows.flatMap(({ keys }) =>
      named.flatMap((dimension): [string, string][] => {
        const key = keys[dimension] as { readonly id: string; readonly name: string } | null
        return key ? [[`${dimension} ${key.id}`, key.name]] : []
      }),
    )
    return { count: data.totals?.[metric], names: new Map(names) }
  } catch {
    return NO_SUMMARY
  }
}

/** The dimensions with names of which the filter accepts one value only, so that a query by them has few rows. */
function namedDimensionsOf(filter: FilterTree | undefined): DimensionName[] {
  if (filter === undefined) return []
  if ('and' in filter) return [...new Set(filter.and.flatMap(namedDimensionsOf))].slice(0, 3)
  const isOne = 'dimension' in filter && filter.operator === 'in' && filter.values?.length === 1
  return isOne && NAMED.includes(filter.dimension) ? [filter.dimension] : []
}

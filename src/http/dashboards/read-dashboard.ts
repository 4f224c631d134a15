/** Reads the data of a dashboard, with the requests for what is behind its numbers. */
import type { Comparison, ComparisonParameters } from '../../analytics/comparison/comparison-request.ts'
import type { AnyDashboard } from '../../analytics/define-dashboard.ts'
import { withDrills } from '../../analytics/drill-down/item-drills.ts'
import { factsAsOf, type FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import { type PageRequest, UNLIMITED } from '../../analytics/query/list-page.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { sidesAt } from '../../analytics/time/comparison-range.ts'
import type { TimeRange, TimeRangeRequest } from '../../analytics/time/time-range.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { queryCost } from '../limits/tenant-limits.ts'
import type { ListPageParameters } from './query-key.ts'

/** The parameters that dashboards have, checked by their schemas. */
export interface DashboardQuery extends TimeRangeRequest, ComparisonParameters, ListPageParameters {
  readonly granularity?: Granularity | undefined
}

/** What the parameters mean at the time of the request. */
export interface ResolvedDashboard {
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly comparison: Comparison | undefined
}

export interface DashboardRead {
  readonly query: DashboardQuery
  readonly tenantId: string
  readonly resolved: ResolvedDashboard
  readonly page: PageRequest
  /** The instant of the answer. */
  readonly asOf: number
}

export const DEFAULT_GRANULARITY: Granularity = 'day'

/** Known before any SQL: both ranges. */
export function costOfDashboard(
  { range, comparison }: Pick<ResolvedDashboard, 'range' | 'comparison'>,
  granularity: Granularity,
): number {
  return queryCost(range, granularity) + (comparison ? queryCost(comparison.older, granularity) : 0)
}

/** Rejects with a StoreFailure, or while the facts of messages are being calculated for the first time. */
export async function readDashboard(
  source: { readonly port: QueryPort; readonly facts: FactsSource },
  dashboard: AnyDashboard,
  { query, tenantId, resolved: { range, zone, comparison }, page, asOf }: DashboardRead,
): Promise<object> {
  const compared = comparison && { comparison, asOf }
  const facts = factsAsOf(source.facts, asOf)
  const data = await dashboard.read(source.port, { ...query, tenantId, range, zone, compared, facts, ...page })
  // A file of a list holds all items, which have no drill there.
  if (page.limit === UNLIMITED && query.limit !== undefined) return data
  const granularity = query.granularity ?? DEFAULT_GRANULARITY
  const counted = comparison ? sidesAt(comparison, asOf).current : range
  return withDrills(dashboard, data, { ...query, granularity, zone, range, counted })
}

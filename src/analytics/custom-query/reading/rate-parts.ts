/** Rates of groups as what they divide: for calculations that need more than the rounded percentage. */
import type { EngagementRateName, EngagementShareName } from '../../engagement/engagement-metrics.ts'
import { ratioOf } from '../../engagement/engagement-sums.ts'
import { type RateName, RATES } from '../../metrics.ts'
import { isEngagementMetric, QUERY_METRICS, type QueryMetricName } from '../metric-sources.ts'
import type { Group } from './groups.ts'

export interface RateParts {
  readonly part: number
  readonly whole: number
}

/** What the rate divides in a group; undefined for a metric that is no rate. */
export function ratePartsOf(group: Group, name: QueryMetricName): RateParts | undefined {
  if (QUERY_METRICS[name].unit !== 'percent') return undefined
  if (isEngagementMetric(name))
    return group.sums ? ratioOf(group.sums, name as EngagementRateName | EngagementShareName) : { part: 0, whole: 0 }
  const { numerator, denominator } = RATES[name as RateName]
  return { part: group.counts[numerator] ?? 0, whole: group.counts[denominator] ?? 0 }
}

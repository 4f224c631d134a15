/** The value of any metric of queries in its unit. */
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { ENGAGEMENT_METRICS, type EngagementMetricName } from '../../analytics/engagement/engagement-metrics.ts'
import { METRICS, type MetricName } from '../../analytics/metrics.ts'
import { formatDuration } from '../format/durations.ts'
import { formatCount, formatRate } from '../format/numbers.ts'

/** `percent` for a rate, `seconds` for a median, and otherwise what the metric counts. */
export function unitOf(name: QueryMetricName): string {
  return Object.hasOwn(ENGAGEMENT_METRICS, name)
    ? ENGAGEMENT_METRICS[name as EngagementMetricName].unit
    : METRICS[name as MetricName].unit
}

/** Formats a count, a rate in percent, or a median in seconds; null means that there is none. */
export function formatMetric(name: QueryMetricName, value: number | null): string {
  if (value === null) return '–'
  const unit = unitOf(name)
  if (unit === 'percent') return formatRate(value)
  return unit === 'seconds' ? formatDuration(value) : formatCount(value)
}

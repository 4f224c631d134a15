/** The metrics that the page shows: counts of events with their rates, and what became of messages. */
import { ENGAGEMENT_METRICS, type EngagementMetricName } from '../../analytics/engagement/engagement-metrics.ts'
import { type BetterDirection, betterDirectionOf as betterDirectionOfEvents } from '../../analytics/better-direction.ts'
import { type MetricName, METRICS } from '../../analytics/metrics.ts'

export type ShownMetricName = MetricName | EngagementMetricName

const LOWER_IS_BETTER: readonly EngagementMetricName[] = [
  'bouncedMessages',
  'complainedMessages',
  'unsubscribedMessages',
  'complaintRate',
  'unsubscribeRate',
  'hardBounceRate',
  'bounceMessageRate',
]

/** Whether an increase is good news. That of a metric of messages is, but for failures. */
export function betterDirectionOf(name: ShownMetricName): BetterDirection {
  if (!isEngagement(name)) return betterDirectionOfEvents(name)
  return LOWER_IS_BETTER.includes(name) ? 'lower' : 'higher'
}

/** A number is formatted by its kind: a count, or a rate in percent. */
export function kindOf(name: ShownMetricName): 'count' | 'rate' {
  return (isEngagement(name) ? ENGAGEMENT_METRICS[name] : METRICS[name]).unit === 'percent' ? 'rate' : 'count'
}

/** Whether the metric counts events, or divides such counts. */
export function isOfEvents(name: ShownMetricName): boolean {
  return !isEngagement(name) && METRICS[name].kind !== 'distinct'
}

function isEngagement(name: ShownMetricName): name is EngagementMetricName {
  return name in ENGAGEMENT_METRICS
}

import {
  ENGAGEMENT_METRICS,
  ENGAGEMENT_RATES,
  type EngagementRateName,
  type EngagementValues,
} from '../../analytics/engagement/engagement-metrics.ts'
import type { MessageCondition } from '../../analytics/engagement/message-conditions.ts'

/** The counts that rates are divided by. */
const BASES = { sent: 'messages', delivered: 'deliveredMessages', confirmed: 'confirmedOpens' } as const satisfies {
  readonly [Condition in MessageCondition]?: keyof EngagementValues
}

/** What became of no messages. */
export const NO_ENGAGEMENT = Object.fromEntries(
  Object.entries(ENGAGEMENT_METRICS).map(([name, { unit }]) => [name, unit === 'seconds' ? null : 0]),
) as EngagementValues

/** The number of messages that a rate is divided by. */
export function baseOf(name: EngagementRateName, engagement: EngagementValues): number {
  return engagement[BASES[ENGAGEMENT_RATES[name].denominator]]
}

/** A rate, or null where it is divided by 0: a rate of nothing is not a rate of 0. */
export function engagementRate(name: EngagementRateName, engagement: EngagementValues): number | null {
  return baseOf(name, engagement) === 0 ? null : engagement[name]
}

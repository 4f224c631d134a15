import type { LiveEventCount } from '../analytics/live-event-counts.ts'
import type { MessageCounts } from '../analytics/message-counts.ts'
import { COUNTS, MESSAGE_METRICS } from '../analytics/metrics.ts'

/** Adds counts of the live stream to totals of messages. Counts of other events change nothing. */
export function addLiveCounts(totals: MessageCounts, counts: readonly LiveEventCount[]): MessageCounts {
  const sum = { ...totals }
  for (const { eventType, count } of counts) {
    const metric = MESSAGE_METRICS.find((name) => COUNTS[name].eventTypes.some((type) => type === eventType))
    if (metric) sum[metric] += count
  }
  return sum
}

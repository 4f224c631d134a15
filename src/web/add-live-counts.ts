import type { LiveEventCount } from '../analytics/live-event-counts.ts'
import { MESSAGE_METRICS, type MessageCounts } from '../analytics/metrics.ts'

/** Adds what the stream counted to totals of messages; events of other kinds change nothing here. */
export function addLiveCounts(totals: MessageCounts, counts: readonly LiveEventCount[]): MessageCounts {
  const sum = { ...totals }
  for (const { eventType, count } of counts) {
    const outcome = MESSAGE_METRICS.find((each) => eventType === `message_${each}`)
    if (outcome) sum[outcome] += count
  }
  return sum
}

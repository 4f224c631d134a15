import type { LiveCount } from '../analytics/live-counts.ts'
import { SEVEN, type SevenCounts } from '../analytics/message-totals.ts'

/** Adds what the stream counted to totals of messages; events of other kinds change nothing here. */
export function addLiveCounts(totals: SevenCounts, counts: readonly LiveCount[]): SevenCounts {
  const sum = { ...totals }
  for (const { eventType, count } of counts) {
    const outcome = SEVEN.find((each) => eventType === `message_${each}`)
    if (outcome) sum[outcome] += count
  }
  return sum
}

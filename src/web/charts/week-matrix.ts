import { mondayBasedWeekday, WEEKDAYS } from '../../analytics/time/buckets.ts'
import { findTimeZone } from '../../base/time-zone.ts'

/** Counts by weekday (Monday first) and hour of the day, from an hourly series. Both are local to `timezone`. */
export function weekMatrix(
  series: readonly { readonly timestamp: string; readonly messageCount: number }[],
  timezone: string,
): number[][] {
  const zone = findTimeZone(timezone)!
  const matrix = WEEKDAYS.map(() => Array.from({ length: 24 }, () => 0))
  for (const { timestamp, messageCount } of series) {
    if (messageCount === 0) continue
    const local = zone.wallTime(Date.parse(timestamp))
    const row = matrix[mondayBasedWeekday(local)]!
    row[local.getUTCHours()]! += messageCount
  }
  return matrix
}

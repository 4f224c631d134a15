import { mondayBasedWeekday, WEEKDAYS } from '../../analytics/time/buckets.ts'
import { findTimeZone } from '../../base/time-zone.ts'

const HOURS_PER_DAY = 24

/**
 * Counts by weekday (Monday first) and hour of the day, from an hourly series. Both are local to `timezone`. Null = the series has no such hour that began before
 * `asOf` (epoch milliseconds).
 */
export function weekMatrix(
  series: readonly { readonly timestamp: string; readonly messageCount: number }[],
  timezone: string,
  asOf: number,
): (number | null)[][] {
  const zone = findTimeZone(timezone)!
  const matrix = WEEKDAYS.map(() => Array.from({ length: HOURS_PER_DAY }, (): number | null => null))
  for (const { timestamp, messageCount } of series) {
    const start = Date.parse(timestamp)
    if (start > asOf) break
    const local = zone.wallTime(start)
    const row = matrix[mondayBasedWeekday(local)]!
    row[local.getUTCHours()] = (row[local.getUTCHours()] ?? 0) + messageCount
  }
  return matrix
}

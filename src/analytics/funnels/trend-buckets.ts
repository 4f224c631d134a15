import type { TimeZone } from '../../base/time-zone.ts'
import { bucketStarts, type Granularity } from '../time/buckets.ts'
import type { TimeRange } from '../time/time-range.ts'

/** Longer than the longest bucket: the end of the last one is the start of the next. */
const BEYOND_LAST_BUCKET_MS = 40 * 86_400_000

/** The starts and ends of the buckets of a range, the ends exclusive. */
export function trendBuckets(range: TimeRange, trend: Granularity, zone: TimeZone) {
  const starts = bucketStarts(range, trend, zone)
  const further = bucketStarts({ start: range.start, end: range.end + BEYOND_LAST_BUCKET_MS }, trend, zone)
  return { starts, ends: further.slice(1, starts.length + 1) }
}

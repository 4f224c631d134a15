/** When the engagement of a bucket may be compared with that of older ones: most opens and clicks follow within days. Free of schemas, because the page in the browser reads it too. */
import type { TimeZone } from '../../base/time-zone.ts'
import { bucketStarts, type Granularity } from '../time/buckets.ts'

const DAY_MS = 86_400_000
const MATURING_MS = 7 * DAY_MS
/** Longer than any bucket. */
const LONGEST_BUCKET_MS = 32 * DAY_MS

/** Which of these buckets are mature at an instant, by their starts, which ascend. */
export function maturityAt(
  asOf: number,
  buckets: readonly number[],
  granularity: Granularity,
  zone: TimeZone,
): (bucketStart: number) => boolean {
  const last = buckets.at(-1)
  if (last === undefined) return () => false
  const [, lastEnd] = bucketStarts({ start: last, end: last + LONGEST_BUCKET_MS }, granularity, zone)
  const ends = [...buckets.slice(1), lastEnd!]
  const newest = buckets[ends.findLastIndex((end) => end + MATURING_MS <= asOf)]
  return (bucketStart) => newest !== undefined && bucketStart <= newest
}

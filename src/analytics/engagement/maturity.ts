/** When the engagement of a bucket may be compared with that of older ones: most opens and clicks follow within days. */
import { Type } from '@sinclair/typebox'
import type { TimeZone } from '../../base/time-zone.ts'
import { bucketStarts, type Granularity } from '../time/buckets.ts'

const DAY_MS = 86_400_000
const MATURING_MS = 7 * DAY_MS
/** Longer than any bucket. */
const LONGEST_BUCKET_MS = 32 * DAY_MS

export const matureSchema = Type.Boolean({
  description: 'False until 7 days after the end of the bucket: its messages may still be opened and clicked.',
})

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

/** The buckets of a rule: dense, in order, with the local labels by which a bucket finds the same weekday and hour of the weeks before. */
import { bucketStarts } from '../../analytics/time/buckets.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import type { RuleGranularity } from '../rules/resolve-rule.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
export const WEEK_MS = 7 * DAY_MS
/** The weeks before a bucket that it is compared with. */
export const REFERENCE_WEEKS = 8

/** Longer than any bucket: the clocks may be set back within it. */
const LONGEST_MS: Readonly<Record<RuleGranularity, number>> = {
  hour: 2 * HOUR_MS,
  day: 2 * DAY_MS,
  week: WEEK_MS + DAY_MS,
}

export interface BucketSize {
  readonly granularity: RuleGranularity
  readonly zone: TimeZone
}

export class Timeline {
  /** The first instant of each bucket. */
  readonly starts: readonly number[]
  /** The first instant after the last bucket. */
  readonly end: number
  readonly #zone: TimeZone
  /** The unit of labels. */
  readonly #labelMs: number
  readonly #byLabel = new Map<number, number>()

  /** The buckets that touch the range. */
  constructor({ granularity, zone }: BucketSize, range: TimeRange) {
    this.#zone = zone
    this.#labelMs = granularity === 'hour' ? HOUR_MS : DAY_MS
    this.starts = bucketStarts(range, granularity, zone)
    this.end = bucketAfter({ granularity, zone }, range.end)
    for (const [index] of this.starts.entries()) {
      const label = this.#labelOf(index)
      // Clocks that are set back show a label twice: the first one counts.
      if (!this.#byLabel.has(label)) this.#byLabel.set(label, index)
    }
  }

  /** The buckets with the same local weekday and hour in the weeks before, as far as the timeline has them; the latest first. */
  weeksBefore(index: number): number[] {
    const label = this.#labelOf(index)
    const found: number[] = []
    for (let week = 1; week <= REFERENCE_WEEKS; week++) {
      const same = this.#byLabel.get(label - (week * WEEK_MS) / this.#labelMs)
      if (same !== undefined) found.push(same)
    }
    return found
  }

  /** The range of some buckets, one after the other. */
  rangeOf(from: number, to: number): TimeRange {
    return { start: this.starts[from]!, end: (this.starts[to + 1] ?? this.end) - 1 }
  }

  /** The local hour or day of a bucket as a number: the same weekday and hour a week earlier is exactly a week's number of them less. */
  #labelOf(index: number): number {
    return Math.floor(this.#zone.wallTime(this.starts[index]!).getTime() / this.#labelMs)
  }
}

/** The first instant of the bucket that contains an instant. */
export function bucketAt({ granularity, zone }: BucketSize, instant: number): number {
  return bucketStarts({ start: instant, end: instant }, granularity, zone)[0]!
}

/** The first instant of the bucket after the one that contains an instant. */
export function bucketAfter({ granularity, zone }: BucketSize, instant: number): number {
  return bucketStarts({ start: instant, end: instant + LONGEST_MS[granularity] }, granularity, zone)[1]!
}

/** The first instant of the newest bucket that is over, and settled, at `now`. */
export function newestSettledBucket(size: BucketSize, settleMs: number, now: number): number {
  return bucketAt(size, bucketAt(size, now - settleMs) - 1)
}

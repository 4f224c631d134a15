/** The verdict of a detector on one bucket of a series. Back-tests and the evaluation of rules use it alike. */
import type { Detector } from '../detectors/detector.ts'
import { judgeRareRate } from '../detectors/rare-rate.ts'
import { BASE_BUCKETS, judgeRateShift } from '../detectors/rate-shift.ts'
import { judgeSeasonalCount } from '../detectors/seasonal-count.ts'
import { judgeSilence, SILENT } from '../detectors/silence.ts'
import { judgeThreshold } from '../detectors/threshold.ts'
import type { Verdict } from '../detectors/verdict.ts'
import type { FiredBuckets } from './fired-buckets.ts'
import type { SeriesValues } from './series-values.ts'
import { REFERENCE_WEEKS, type Timeline, WEEK_MS } from './timeline.ts'

/** A silence that has lasted longer grows no more: then most of the 8 references of a bucket are of the silence itself, and their median is 0. */
const SILENCE_WEEKS = 5

export interface JudgedSeries {
  readonly timeline: Timeline
  readonly values: SeriesValues
  /** The index of the first bucket in which the tenant has an event: those before it say nothing. */
  readonly firstStored: number
  /** Where this detector fired on this series. */
  readonly fired: FiredBuckets
}

/** How far before a bucket a detector looks, in milliseconds and in buckets; the larger one counts. */
export function lookbackOf({ kind }: Detector): { readonly ms: number; readonly buckets: number } {
  if (kind === 'seasonalCount') return { ms: REFERENCE_WEEKS * WEEK_MS, buckets: 0 }
  if (kind === 'silence') return { ms: (REFERENCE_WEEKS + SILENCE_WEEKS) * WEEK_MS, buckets: 0 }
  return { ms: 0, buckets: kind === 'rateShift' ? BASE_BUCKETS : 0 }
}

/**
 * The buckets that are looked at to judge those from one index to another, ascending. Of a silence it depends on how long it has lasted: all buckets that there are.
 */
export function bucketsNeeded({ kind }: Detector, timeline: Timeline, from: number, to: number): readonly number[] {
  if (kind === 'silence') return Array.from({ length: to + 1 }, (_, index) => index)
  const needed = new Set<number>()
  const lookback = kind === 'rateShift' ? BASE_BUCKETS : 0
  for (let index = Math.max(0, from - lookback); index <= to; index++) needed.add(index)
  if (kind === 'seasonalCount')
    for (let index = from; index <= to; index++) for (const same of timeline.weeksBefore(index)) needed.add(same)
  return [...needed].toSorted((a, b) => a - b)
}

/** `isFiring`: the series is in an episode, so that the recovery limits of a threshold apply. */
export function judgeBucket(detector: Detector, series: JudgedSeries, index: number, isFiring: boolean): Verdict {
  const { values, firstStored } = series
  const bucket = values.at(index)
  if (detector.kind === 'threshold') return judgeThreshold(bucket, detector, isFiring)
  if (detector.kind === 'rareRate') return judgeRareRate(bucket, detector)
  if (detector.kind === 'seasonalCount')
    return judgeSeasonalCount(bucket.value ?? 0, referencesOf(series, index), detector)
  if (detector.kind === 'silence') {
    // What was to be expected since the last event only grows: a silence that has fired goes on until the next one.
    if (bucket.value === 0 && hasFired(series, index - 1)) return SILENT
    return judgeSilence(bucket.value ?? 0, referencesOfSilence(series, index), detector)
  }
  const from = Math.max(firstStored, index - BASE_BUCKETS)
  const before = Array.from({ length: Math.max(0, index - from) }, (_, offset) => values.at(from + offset))
  return judgeRateShift(bucket, before, detector)
}

function hasFired({ timeline, fired }: JudgedSeries, index: number): boolean {
  const bucket = timeline.starts[index]
  return bucket !== undefined && fired.has(bucket)
}

/** The counts of the same weekday and hour in the weeks before, without buckets that fired themselves. */
function referencesOf({ timeline, values, firstStored, fired }: JudgedSeries, index: number): number[] {
  return timeline
    .weeksBefore(index)
    .filter((same) => same >= firstStored && !fired.has(timeline.starts[same]!))
    .map((same) => values.at(same).value ?? 0)
}

/** The references of each empty bucket since the last event, from the last one backwards. */
function* referencesOfSilence(series: JudgedSeries, index: number): Generator<readonly number[]> {
  const { timeline, values, firstStored } = series
  const since = timeline.starts[index]! - SILENCE_WEEKS * WEEK_MS
  for (let each = index; each >= firstStored && timeline.starts[each]! >= since; each--) {
    if (values.at(each).value !== 0) return
    yield referencesOf(series, each)
  }
}

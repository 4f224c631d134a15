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

/** How far before a bucket a detector looks: by so much time, and by so many buckets before that. */
export interface Lookback {
  readonly ms: number
  readonly buckets: number
}

/** `silence`: the buckets by which a silence may have begun before; without it as long as it is measured. */
export function lookbackOf({ kind }: Detector, silence?: number): Lookback {
  const references = REFERENCE_WEEKS * WEEK_MS
  if (kind === 'seasonalCount') return { ms: references, buckets: 0 }
  if (kind === 'rateShift') return { ms: 0, buckets: BASE_BUCKETS }
  if (kind !== 'silence' || silence === 0) return { ms: 0, buckets: 0 }
  if (silence !== undefined) return { ms: references, buckets: silence }
  return { ms: references + SILENCE_WEEKS * WEEK_MS, buckets: 0 }
}

/** The buckets that are looked at to judge those from one index to another. `silence` as of `lookbackOf`. */
export function bucketsNeeded(
  detector: Detector,
  timeline: Timeline,
  { from, to, silence = from }: { readonly from: number; readonly to: number; readonly silence?: number | undefined },
): ReadonlySet<number> {
  const { kind } = detector
  const before = kind === 'silence' ? silence : lookbackOf(detector).buckets
  const needed = new Set<number>()
  for (let index = Math.max(0, from - before); index <= to; index++) {
    needed.add(index)
    if (kind === 'seasonalCount' || (kind === 'silence' && before > 0))
      for (const same of timeline.weeksBefore(index)) needed.add(same)
  }
  return needed
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

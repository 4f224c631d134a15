/** What a rule would have done over a range of the past. */
import { firstQuarterHour } from '../analytics/query/coverage.ts'
import type { TimeRange } from '../analytics/time/time-range.ts'
import { ApiFailure } from '../base/errors.ts'
import { TimeSlices } from '../base/event-loop-yielding.ts'
import { lookbackOf } from './judging/judge-bucket.ts'
import { bucketAt, newestSettledBucket, Timeline } from './judging/timeline.ts'
import type { AlertStateName } from './judging/alert-state.ts'
import { type JudgedBucket, type ReadValues, SeriesTracker, type Transition } from './judging/track-series.ts'
import { readSeries, type SeriesKey, type SeriesSource } from './reading/read-series.ts'
import type { AlertRule } from './rules/resolve-rule.ts'

export const BACKTEST_LIMITS = { buckets: 5_000, verdicts: 200_000, shownSeries: 12, shownBuckets: 20_000 } as const

export interface SeriesTransition extends Transition {
  readonly series: SeriesKey
}

/** A bucket with its verdict, for people who look at a rule. */
export interface ShownBucket extends JudgedBucket {
  /** The first instant of the bucket. */
  readonly bucket: number
  /** The state after it. */
  readonly state: AlertStateName
}

/** The judged buckets of a series. */
export interface ShownSeries {
  readonly series: SeriesKey
  readonly buckets: readonly ShownBucket[]
}

export interface Backtest {
  /** By bucket. */
  readonly transitions: readonly SeriesTransition[]
  /** The judged buckets of some series: those with the most changes of state. Empty unless they are asked for. */
  readonly shown: readonly ShownSeries[]
  /** The settled buckets of the range. */
  readonly buckets: number
  readonly series: number
}

export interface BacktestOptions {
  /** Epoch milliseconds: buckets that are not settled by then are not judged. */
  readonly now: number
  /** Whether the judged buckets are returned too. */
  readonly showsBuckets?: boolean | undefined
}

const HOUR_MS = 3_600_000
const BUCKET_MS = { hour: HOUR_MS, day: 23 * HOUR_MS, week: 167 * HOUR_MS } as const
const VERDICTS_PER_YIELD_CHECK = 100

/**
 * Judges the buckets that begin in the range and are settled at `now`, by the code that evaluates rules. Every series begins in the state normal. Values are as they are stored
 * now, with events that arrived after a bucket had settled. Rejects with TOO_MANY_GROUPS for a longer range or more series than the limits, and as `readSeries` does.
 */
export async function backtest(
  source: SeriesSource,
  tenantId: string,
  rule: AlertRule,
  range: TimeRange,
  { now, showsBuckets = false }: BacktestOptions,
): Promise<Backtest> {
  const nothing = { transitions: [], shown: [], buckets: 0, series: 0 }
  const earliest = await firstQuarterHour(source.port, tenantId)
  const newest = newestSettledBucket(rule, rule.settleMs, now)
  const end = Math.min(range.end, newest)
  if (earliest === undefined || end < earliest) return nothing
  requireBuckets((end - range.start) / BUCKET_MS[rule.granularity])
  const start = Math.max(range.start, bucketAt(rule, earliest))
  const timeline = new Timeline(rule, { start: lookbackStart(rule, start), end })
  const firstJudged = timeline.starts.findIndex((each) => each >= start)
  if (firstJudged < 0) return nothing
  const table = await readSeries(source, { ...rule, tenantId, metrics: [rule.metric], timeline })
  const keys = rule.splitBy === undefined ? [null] : table.keys
  const buckets = timeline.starts.length - firstJudged
  requireBuckets(buckets)
  if (buckets * keys.length > BACKTEST_LIMITS.verdicts) throw tooLong()
  const firstStored = timeline.starts.findLastIndex((each) => each <= earliest)
  const slices = new TimeSlices()
  const judge = async (
    series: SeriesKey,
    each: (index: number, tracker: SeriesTracker, change?: Transition) => void,
  ) => {
    const tracker = new SeriesTracker(rule)
    const values = table.of(series, rule.metric)
    const read: ReadValues = { timeline, values, firstStored: Math.max(0, firstStored) }
    const from = rule.splitBy === undefined ? firstJudged : Math.max(firstJudged, values.first ?? Infinity)
    for (let index = from; index < timeline.starts.length; index++) {
      each(index, tracker, tracker.judge(read, index))
      if (index % VERDICTS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
  }
  const transitions: SeriesTransition[] = []
  for (const series of keys) await judge(series, (_, __, change) => change && transitions.push({ series, ...change }))
  const shown: ShownSeries[] = []
  // Judged again: only the buckets of the shown series are kept.
  for (const series of showsBuckets ? shownKeys(keys, transitions, buckets) : []) {
    const judged: ShownBucket[] = []
    await judge(series, (index, { last, state }) =>
      judged.push({ bucket: timeline.starts[index]!, state: state.name, ...last! }),
    )
    shown.push({ series, buckets: judged })
  }
  return { transitions: transitions.toSorted((a, b) => a.bucket - b.bucket), shown, buckets, series: keys.length }
}

/** The series with the most changes of state, as many as a response may show. */
function shownKeys(
  keys: readonly SeriesKey[],
  transitions: readonly SeriesTransition[],
  buckets: number,
): readonly SeriesKey[] {
  const { shownSeries, shownBuckets } = BACKTEST_LIMITS
  const changes = new Map<SeriesKey, number>()
  for (const { series } of transitions) changes.set(series, (changes.get(series) ?? 0) + 1)
  return keys
    .toSorted((a, b) => (changes.get(b) ?? 0) - (changes.get(a) ?? 0))
    .slice(0, Math.min(shownSeries, Math.floor(shownBuckets / buckets)))
}

/** From when values are needed to judge a bucket. */
export function lookbackStart(rule: AlertRule, bucket: number, { ms, buckets } = lookbackOf(rule.detector)): number {
  const first = bucketsBefore(rule, bucket, buckets)
  // Labels of local time may lie further back than their distance.
  return ms === 0 ? first : first - ms - BUCKET_MS.day
}

function bucketsBefore(rule: AlertRule, bucket: number, count: number): number {
  let start = bucket
  for (let step = 0; step < count; step++) start = bucketAt(rule, start - 1)
  return start
}

function requireBuckets(count: number): void {
  if (count > BACKTEST_LIMITS.buckets) throw tooLong()
}

function tooLong(): ApiFailure {
  return new ApiFailure(
    'TOO_MANY_GROUPS',
    `A back-test judges at most ${BACKTEST_LIMITS.buckets} buckets and ${BACKTEST_LIMITS.verdicts} of all series. Narrow it: a shorter range, a larger granularity or a filter.`,
  )
}

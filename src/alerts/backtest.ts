/** What a rule would have done over a range of the past. */
import { firstQuarterHour } from '../analytics/query/coverage.ts'
import type { TimeRange } from '../analytics/time/time-range.ts'
import { ApiFailure } from '../base/errors.ts'
import { TimeSlices } from '../base/event-loop-yielding.ts'
import { lookbackOf } from './judging/judge-bucket.ts'
import { bucketAt, newestSettledBucket, Timeline } from './judging/timeline.ts'
import { SeriesTracker, type Transition } from './judging/track-series.ts'
import { readSeries, type SeriesKey, type SeriesSource } from './reading/read-series.ts'
import type { AlertRule } from './rules/resolve-rule.ts'

export const BACKTEST_LIMITS = { buckets: 5_000, verdicts: 200_000 } as const

export interface SeriesTransition extends Transition {
  readonly series: SeriesKey
}

export interface Backtest {
  /** By bucket. */
  readonly transitions: readonly SeriesTransition[]
  /** The settled buckets of the range. */
  readonly buckets: number
  readonly series: number
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
  now: number,
): Promise<Backtest> {
  const nothing = { transitions: [], buckets: 0, series: 0 }
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
  const transitions: SeriesTransition[] = []
  for (const series of keys) {
    const tracker = new SeriesTracker(rule)
    const values = table.of(series, rule.metric)
    const read = { timeline, values, firstStored: Math.max(0, firstStored) }
    const from = rule.splitBy === undefined ? firstJudged : Math.max(firstJudged, values.first ?? Infinity)
    for (let index = from; index < timeline.starts.length; index++) {
      const transition = tracker.judge(read, index)
      if (transition) transitions.push({ series, ...transition })
      if (index % VERDICTS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
  }
  return { transitions: transitions.toSorted((a, b) => a.bucket - b.bucket), buckets, series: keys.length }
}

/** From when values are needed to judge a bucket. */
export function lookbackStart(rule: AlertRule, bucket: number): number {
  const { ms, buckets } = lookbackOf(rule.detector)
  const byTime = ms === 0 ? bucket : bucket - ms - BUCKET_MS.day
  return Math.min(byTime, bucketsBefore(rule, bucket, buckets))
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

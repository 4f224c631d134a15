/**
 * Counts of a range. Where a roll-up holds them, its whole steps come from there and the edges of the range from the rows: exact for any range. A roll-up is a
 * projection of the events table, inside the same parts as the rows, so that the two never disagree.
 */
import type { TimeRange } from '../time/time-range.ts'

export interface RollUp {
  /** The projection's name: see the migrations. */
  readonly projection: string
  readonly stepMs: number
  /** The start of a row's step, spelled as in the projection. */
  readonly stepSql: string
}

export const QUARTER_HOUR_ROLL_UP: RollUp = {
  projection: 'totals_by_quarter_hour',
  stepMs: 900_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC')",
}

export const DAILY_ROLL_UP: RollUp = {
  projection: 'totals_by_day',
  stepMs: 86_400_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC')",
}

/** Bitmaps of enrollments alone, by nothing but the day: few and dense, so that years of them are read in no time. */
export const DAILY_ENROLLMENT_ROLL_UP: RollUp = { ...DAILY_ROLL_UP, projection: 'enrollments_by_day' }

/** Of a roll-up by type. */
export const EVENT_COUNT_SQL = 'count() AS events'
/** Likewise: a bitmap of those that the rows count once, each by its number. */
export const DISTINCT_BITMAP_SQL = 'groupBitmapStateIf(surrogate_id, surrogate_id > 0) AS members'

export interface CountsRequest {
  /** Undefined where none has what is asked: then everything is read from the rows. */
  readonly rollUp: RollUp | undefined
  readonly range: TimeRange
  /** The starts of buckets, when it is counted by `bucket`. */
  readonly buckets?: readonly number[]
  /** Further columns to count by. Each is a key of the roll-up. */
  readonly keys?: readonly string[]
  /** What is counted, each with its alias, spelled as in the projection. */
  readonly counts: string
  /** Which rows can count at all, by type: what of the edges is read. */
  readonly eventTypesSql: string
  /** Conditions on keys of the roll-up, each with its ` AND ` in front. */
  readonly filter?: string
  /** Begins the names of the parameters: where one query has two readings. */
  readonly parameterPrefix?: string
}

/** Step starts are 32-bit seconds; no event lies beyond. */
const LAST_STEP_MS = 4_294_900_800_000

/**
 * A subquery of the counts by `bucket` and keys, and its parameters. A group may come twice, once from the steps and once from the edges: sum what it gives.
 *
 * Each part names the projection it is for. The engine analyses every projection of the table for every part otherwise, which takes longer than reading it: a quarter
 * of a dashboard's time, over any number of events.
 */
export function countsSql(request: CountsRequest) {
  const { rollUp, range, buckets, keys = [], counts, eventTypesSql, filter = '', parameterPrefix = '' } = request
  const wholeRange = rollUp && wholeSteps(rollUp, range, buckets ?? [])
  const groups = [...(buckets ? ['bucket'] : []), ...keys].join(', ')
  const select = (atSql: string, conditions: string, settings: string) => {
    const bucket = buckets ? [`${bucketSql(atSql, buckets, parameterPrefix)} AS bucket`] : []
    return `
    SELECT ${[...bucket, ...keys, counts].join(', ')}
    FROM analytics_events WHERE tenant_id = {tenant:String} AND ${conditions}${filter}
    ${groups === '' ? '' : `GROUP BY ${groups} `}SETTINGS ${settings}`
  }
  const stepsPart = ({ stepSql, projection }: RollUp) =>
    select(
      `toInt64(toUnixTimestamp(${stepSql})) * 1000`,
      `${stepSql} >= toDateTime({${parameterPrefix}wholeFrom:UInt32}, 'UTC') AND ${stepSql} < toDateTime({${parameterPrefix}wholeTo:UInt32}, 'UTC')`,
      `preferred_optimize_projection_name = '${projection}'`,
    )
  const rowsPart = (conditions: string) =>
    select(
      'toUnixTimestamp64Milli(occurred_at)',
      `${eventTypesSql} AND occurred_at >= fromUnixTimestamp64Milli({${parameterPrefix}start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({${parameterPrefix}end:Int64})${conditions}`,
      'optimize_use_projections = 0',
    )
  const parts: string[] = []
  if (rollUp && wholeRange) {
    parts.push(stepsPart(rollUp))
    if (wholeRange.from > range.start || wholeRange.to <= range.end)
      parts.push(
        rowsPart(
          ` AND (occurred_at < toDateTime64({${parameterPrefix}wholeFrom:UInt32}, 3, 'UTC') OR occurred_at >= toDateTime64({${parameterPrefix}wholeTo:UInt32}, 3, 'UTC'))`,
        ),
      )
  } else parts.push(rowsPart(''))
  const parameters = {
    ...range,
    ...(buckets ? bucketParameters(buckets) : {}),
    ...(wholeRange ? { wholeFrom: wholeRange.from / 1000, wholeTo: wholeRange.to / 1000 } : {}),
  }
  return {
    sql: `(${parts.join('\n    UNION ALL')}\n  )`,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [`${parameterPrefix}${name}`, value]),
    ),
  }
}

/**
 * The start of the bucket that an instant lies in. By arithmetic where all starts are equally far apart: a list of thousands takes the engine longer to read than the
 * data. The last bucket may still be longer than the others (a day of 25 hours, March behind February): whatever lies behind its start is in it.
 */
function bucketSql(atSql: string, buckets: readonly number[], parameterPrefix: string): string {
  if (bucketDistance(buckets) === undefined) return `roundDown(${atSql}, {${parameterPrefix}buckets:Array(Int64)})`
  const [first, distance, last] = ['firstBucket', 'bucketMs', 'lastBucket'].map(
    (name) => `{${parameterPrefix}${name}:Int64}`,
  )
  return `least(${first} + intDiv(${atSql} - ${first}, ${distance}) * ${distance}, ${last})`
}

function bucketParameters(buckets: readonly number[]) {
  const bucketMs = bucketDistance(buckets)
  return bucketMs === undefined ? { buckets } : { firstBucket: buckets[0]!, lastBucket: buckets.at(-1)!, bucketMs }
}

/** From each bucket's start to the next one's, where that is always the same. It does not tell how long the last bucket is. */
function bucketDistance(buckets: readonly number[]): number | undefined {
  const [first, second] = buckets
  if (first === undefined || second === undefined) return undefined
  const distance = second - first
  return buckets.every((bucket, index) => bucket === first + index * distance) ? distance : undefined
}

/** One row a bucket, ascending, of counts by bucket alone, in which `countsSql` gives a bucket once from the steps and once from the edges. */
export function sumByBucket<Name extends string>(
  rows: readonly Readonly<Record<Name | 'bucket', number>>[],
  names: readonly Name[],
): Record<Name | 'bucket', number>[] {
  const sums = new Map<number, Record<Name | 'bucket', number>>()
  for (const row of rows) {
    const sum = sums.get(row.bucket)
    if (sum) for (const name of names) sum[name] += row[name]
    else sums.set(row.bucket, { ...row })
  }
  return [...sums.values()].toSorted((a, b) => a.bucket - b.bucket)
}

/** Whether no bucket begins inside a step, so that the roll-up can count by them. */
export function bucketsAlignWithSteps(
  { stepMs }: RollUp,
  { start, end }: TimeRange,
  buckets: readonly number[],
): boolean {
  return buckets.every((bucket) => bucket <= start || bucket > end || bucket % stepMs === 0)
}

/** The steps that lie in the range entirely, as [from, to); undefined where there is none, or the buckets do not fit. */
function wholeSteps(rollUp: RollUp, range: TimeRange, buckets: readonly number[]) {
  const { stepMs } = rollUp
  const from = Math.ceil(range.start / stepMs) * stepMs
  const to = Math.floor(Math.min(range.end + 1, LAST_STEP_MS) / stepMs) * stepMs
  return from < to && bucketsAlignWithSteps(rollUp, range, buckets) ? { from, to } : undefined
}

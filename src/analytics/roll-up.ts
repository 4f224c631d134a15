/**
 * Counts of a range. Where a roll-up holds them, its whole steps come from there and the edges of the range from the rows: exact for any range. A roll-up is a
 * projection of the events table, inside the same parts as the rows, so that the two never disagree.
 */
import type { TimeRange } from './time-range.ts'

export interface RollUp {
  /** The projection's name: see the migrations. */
  readonly projection: string
  readonly stepMs: number
  /** The start of a row's step, spelled as in the projection. */
  readonly stepSql: string
}

export const QUARTER_HOURS: RollUp = {
  projection: 'totals_by_quarter_hour',
  stepMs: 900_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC')",
}

export const DAYS: RollUp = {
  projection: 'totals_by_day',
  stepMs: 86_400_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC')",
}

/** Bitmaps of enrollments alone, by nothing but the day: few and dense, so that years of them are read in no time. */
export const ENROLLMENT_DAYS: RollUp = { ...DAYS, projection: 'enrollments_by_day' }

/** Of a roll-up by type. */
export const COUNT_SQL = 'count() AS events'
/** Likewise: a bitmap of those that the rows count once, each by its number. */
export const MEMBERS_SQL = 'groupBitmapStateIf(member_number, member_number > 0) AS members'

export interface Reading {
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
  readonly prefix?: string
}

/** Step starts are 32-bit seconds; no event lies beyond. */
const LAST_STEP_MS = 4_294_900_800_000

/**
 * A subquery of the counts by `bucket` and keys, and its parameters. A group may come twice, once from the steps and once from the edges: sum what it gives.
 */
export function countsSql(reading: Reading) {
  const { rollUp, range, buckets, keys = [], counts, eventTypesSql, filter = '', prefix = '' } = reading
  const whole = rollUp && wholeSteps(rollUp, range, buckets ?? [])
  const groups = [...(buckets ? ['bucket'] : []), ...keys].join(', ')
  const select = (atSql: string, conditions: string) => {
    const bucket = buckets ? [`roundDown(${atSql}, {${prefix}buckets:Array(Int64)}) AS bucket`] : []
    return `
    SELECT ${[...bucket, ...keys, counts].join(', ')}
    FROM analytics_events WHERE tenant_id = {tenant:String} AND ${conditions}${filter}
    ${groups === '' ? '' : `GROUP BY ${groups}`}`
  }
  const steps = ({ stepSql }: RollUp) =>
    select(
      `toInt64(toUnixTimestamp(${stepSql})) * 1000`,
      `${stepSql} >= toDateTime({${prefix}wholeFrom:UInt32}, 'UTC') AND ${stepSql} < toDateTime({${prefix}wholeTo:UInt32}, 'UTC')`,
    )
  const rows = (conditions: string) =>
    select(
      'toUnixTimestamp64Milli(occurred_at)',
      `${eventTypesSql} AND occurred_at >= fromUnixTimestamp64Milli({${prefix}start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({${prefix}end:Int64})${conditions}`,
    )
  const parts: string[] = []
  if (rollUp && whole) {
    parts.push(steps(rollUp))
    if (whole.from > range.start || whole.to <= range.end)
      parts.push(
        rows(
          ` AND (occurred_at < toDateTime64({${prefix}wholeFrom:UInt32}, 3, 'UTC') OR occurred_at >= toDateTime64({${prefix}wholeTo:UInt32}, 3, 'UTC'))`,
        ),
      )
  } else parts.push(rows(''))
  const parameters = {
    ...range,
    ...(buckets ? { buckets } : {}),
    ...(whole ? { wholeFrom: whole.from / 1000, wholeTo: whole.to / 1000 } : {}),
  }
  return {
    sql: `(${parts.join('\n    UNION ALL')}\n  )`,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`${prefix}${name}`, value])),
  }
}

/** Whether no bucket begins inside a step, so that the roll-up can count by them. */
export function fits({ stepMs }: RollUp, { start, end }: TimeRange, buckets: readonly number[]): boolean {
  return buckets.every((bucket) => bucket <= start || bucket > end || bucket % stepMs === 0)
}

/** The steps that lie in the range entirely, as [from, to); undefined where there is none, or the buckets do not fit. */
function wholeSteps(rollUp: RollUp, range: TimeRange, buckets: readonly number[]) {
  const { stepMs } = rollUp
  const from = Math.ceil(range.start / stepMs) * stepMs
  const to = Math.floor(Math.min(range.end + 1, LAST_STEP_MS) / stepMs) * stepMs
  return from < to && fits(rollUp, range, buckets) ? { from, to } : undefined
}

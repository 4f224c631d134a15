/**
 * Counts of a range. Where a roll-up holds them, its whole steps come from there and the edges of the range from the rows: exact for any range. A roll-up is a
 * projection of the events table, inside the same parts as the rows, so that the two never disagree.
 */
import { IN_RANGE_SQL } from './dashboard.ts'
import type { TimeRange } from './time-range.ts'

export interface RollUp {
  /** The projection's name: see the migrations. */
  readonly projection: string
  readonly stepMs: number
  /** The start of a row's step, spelled as in the projection. */
  readonly stepSql: string
}

export const QUARTER_HOURS: RollUp = {
  projection: 'activity_by_quarter_hour',
  stepMs: 900_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC')",
}

export const DAYS: RollUp = {
  projection: 'activity_by_day',
  stepMs: 86_400_000,
  stepSql: "toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC')",
}

/** Of a roll-up by type. */
export const COUNT_SQL = 'count() AS events'

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
}

/** Step starts are 32-bit seconds; no event lies beyond. */
const LAST_STEP_MS = 4_294_900_800_000

/**
 * A subquery of the counts by `bucket` and keys, and its parameters. A group may come twice, once from the steps and once from the edges: sum what it gives.
 */
export function countsSql({ rollUp, range, buckets, keys = [], counts, eventTypesSql, filter = '' }: Reading) {
  const whole = rollUp && wholeSteps(rollUp, range, buckets ?? [])
  const groupBy = [...(buckets ? ['bucket'] : []), ...keys].join(', ')
  const select = (atSql: string, conditions: string) => {
    const bucket = buckets ? [`roundDown(${atSql}, {buckets:Array(Int64)}) AS bucket`] : []
    return `
    SELECT ${[...bucket, ...keys, counts].join(', ')}
    FROM analytics_events WHERE tenant_id = {tenant:String} AND ${conditions}${filter}
    GROUP BY ${groupBy}`
  }
  const rows = (conditions: string) => select('toUnixTimestamp64Milli(occurred_at)', conditions)
  const parts: string[] = []
  if (rollUp && whole)
    parts.push(
      select(
        `toInt64(toUnixTimestamp(${rollUp.stepSql})) * 1000`,
        `${rollUp.stepSql} >= toDateTime({wholeFrom:UInt32}, 'UTC') AND ${rollUp.stepSql} < toDateTime({wholeTo:UInt32}, 'UTC')`,
      ),
    )
  if (!whole) parts.push(rows(`${eventTypesSql} AND ${IN_RANGE_SQL}`))
  else if (whole.from > range.start || whole.to <= range.end)
    parts.push(
      rows(
        `${eventTypesSql} AND ${IN_RANGE_SQL} AND (occurred_at < toDateTime64({wholeFrom:UInt32}, 3, 'UTC') OR occurred_at >= toDateTime64({wholeTo:UInt32}, 3, 'UTC'))`,
      ),
    )
  return {
    sql: `(${parts.join('\n    UNION ALL')}\n  )`,
    parameters: {
      ...range,
      ...(buckets ? { buckets } : {}),
      ...(whole ? { wholeFrom: whole.from / 1000, wholeTo: whole.to / 1000 } : {}),
    },
  }
}

/** The steps that lie in the range entirely, as [from, to), unless a bucket begins inside one. */
function wholeSteps({ stepMs }: RollUp, { start, end }: TimeRange, buckets: readonly number[]) {
  const from = Math.ceil(start / stepMs) * stepMs
  const to = Math.floor(Math.min(end + 1, LAST_STEP_MS) / stepMs) * stepMs
  if (from >= to) return undefined
  return buckets.every((bucket) => bucket <= start || bucket > end || bucket % stepMs === 0) ? { from, to } : undefined
}

/**
 * Counts of a range. The whole steps of a range are read from a roll-up, if one contains the counts; edges of the range that do not fill a whole step are read from the
 * rows. The result is exact for any range. A roll-up is a projection of the table and lies in the same parts as the rows, so that the two never disagree.
 */
import type { TimeRange } from '../time/time-range.ts'

/** A table whose rows are counted, and the column with the time at which a row counts. */
interface CountedTable {
  readonly table: string
  readonly timeColumn: string
}

const EVENTS: CountedTable = { table: 'analytics_events', timeColumn: 'occurred_at' }
/** A message counts at the time of its first sending. */
export const MESSAGE_FACTS: CountedTable = { table: 'analytics_message_facts', timeColumn: 'sent_at' }

export interface RollUp {
  /** The name of the projection in the migrations. */
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

/** Bitmaps of enrollments by day only. There are few rows, so that years of them are read quickly. */
export const DAILY_ENROLLMENT_ROLL_UP: RollUp = { ...DAILY_ROLL_UP, projection: 'enrollments_by_day' }

export const MESSAGES_BY_QUARTER_HOUR: RollUp = {
  projection: 'messages_by_quarter_hour',
  stepMs: QUARTER_HOUR_ROLL_UP.stepMs,
  stepSql: "toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC')",
}

export const MESSAGES_BY_DAY: RollUp = {
  projection: 'messages_by_day',
  stepMs: DAILY_ROLL_UP.stepMs,
  stepSql: "toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC')",
}

/** The messages by the delay of the first open or click that is not a machine's, and by the class of that delay. */
export const DELAYS_BY_DAY = {
  open: { ...MESSAGES_BY_DAY, projection: 'open_delays_by_day' },
  click: { ...MESSAGES_BY_DAY, projection: 'click_delays_by_day' },
} as const satisfies Readonly<Record<string, RollUp>>

/** The count of events in a roll-up by event type. */
export const EVENT_COUNT_SQL = 'count() AS events'
/** A bitmap of the contacts or enrollments of the events in a roll-up, by their surrogate ids. */
export const DISTINCT_BITMAP_SQL = 'groupBitmapStateIf(surrogate_id, surrogate_id > 0) AS members'

/** SQL that may depend on the time: a function receives the expression of the time, in epoch milliseconds, of a step or of a row. */
export type TimedSql = string | ((atSql: string) => string)

const timedSql = (sql: TimedSql, atSql: string) => (typeof sql === 'string' ? sql : sql(atSql))

export interface CountsRequest {
  /** The events without it. */
  readonly counted?: CountedTable
  /** Undefined where no roll-up contains the counts; then everything is read from the rows. */
  readonly rollUp: RollUp | undefined
  readonly range: TimeRange
  /** Parts of the range to which the counts are limited, each of whole buckets. All of it without them. */
  readonly parts?: readonly TimeRange[] | undefined
  /** The starts of the buckets, for counts by `bucket`. */
  readonly buckets?: readonly number[]
  /** Further columns to group by. Each is a key of the roll-up, or an expression of keys with an alias. */
  readonly keys?: readonly TimedSql[]
  /** The counts, each with its alias, spelled as in the projection. */
  readonly counts: string
  /** The condition that selects the rows to read at the edges, such as that on their event types. */
  readonly rowsSql: string
  /** Conditions on keys of the roll-up, each with its ` AND ` in front. */
  readonly filter?: TimedSql
  /** Prefix of the names of the parameters, for statements that contain several of these subqueries. */
  readonly parameterPrefix?: string
}

/** Starts of steps are 32-bit seconds from 0. No event is earlier or later. */
const LAST_STEP_MS = 4_294_900_800_000

/**
 * A subquery of the counts by `bucket` and keys, and its parameters. A group may occur twice, once from the steps and once from the edges, so that the caller has to add up
 * its rows.
 *
 * Each part of the subquery names its projection. Otherwise the engine analyses every projection of the table for every part, which takes a quarter of a dashboard's time,
 * for any number of events.
 */
export function countsSql(request: CountsRequest) {
  const { rollUp, range, parts: limits, buckets, keys = [], counts, rowsSql, filter = '' } = request
  const { parameterPrefix = '' } = request
  const { table, timeColumn } = request.counted ?? EVENTS
  const wholeRange = rollUp && wholeSteps(rollUp, range, buckets ?? [])
  const groups = [...(buckets ? ['bucket'] : []), ...keys.map((key) => timedSql(key, '').split(' AS ').at(-1))].join(
    ', ',
  )
  const select = (atSql: string, conditions: string, settings: string) => {
    const bucket = buckets ? [`${bucketSql(atSql, buckets, parameterPrefix)} AS bucket`] : []
    return `
    SELECT ${[...bucket, ...keys.map((key) => timedSql(key, atSql)), counts].join(', ')}
    FROM ${table} WHERE tenant_id = {tenant:String} AND ${conditions}${timedSql(filter, atSql)}
    ${groups === '' ? '' : `GROUP BY ${groups} `}SETTINGS ${settings}`
  }
  const partsSql = (column: string, instantSql: (parameter: string) => string) =>
    limits
      ? ` AND (${limits.map((_, index) => `${column} BETWEEN ${instantSql(`${parameterPrefix}part${index}From`)} AND ${instantSql(`${parameterPrefix}part${index}To`)}`).join(' OR ')})`
      : ''
  const stepsPart = ({ stepSql, projection }: RollUp) =>
    select(
      `toInt64(toUnixTimestamp(${stepSql})) * 1000`,
      `${stepSql} >= toDateTime({${parameterPrefix}wholeFrom:UInt32}, 'UTC') AND ${stepSql} < toDateTime({${parameterPrefix}wholeTo:UInt32}, 'UTC')${partsSql(stepSql, (name) => `toDateTime(intDiv({${name}:Int64}, 1000), 'UTC')`)}`,
      `preferred_optimize_projection_name = '${projection}'`,
    )
  const rowsPart = (conditions: string) =>
    select(
      `toUnixTimestamp64Milli(${timeColumn})`,
      `${rowsSql} AND ${timeColumn} >= fromUnixTimestamp64Milli({${parameterPrefix}start:Int64}) AND ${timeColumn} <= fromUnixTimestamp64Milli({${parameterPrefix}end:Int64})${partsSql(timeColumn, (name) => `fromUnixTimestamp64Milli({${name}:Int64})`)}${conditions}`,
      'optimize_use_projections = 0',
    )
  const parts: string[] = []
  if (rollUp && wholeRange) {
    parts.push(stepsPart(rollUp))
    if (wholeRange.from > range.start || wholeRange.to <= range.end)
      parts.push(
        rowsPart(
          ` AND (${timeColumn} < toDateTime64({${parameterPrefix}wholeFrom:UInt32}, 3, 'UTC') OR ${timeColumn} >= toDateTime64({${parameterPrefix}wholeTo:UInt32}, 3, 'UTC'))`,
        ),
      )
  } else parts.push(rowsPart(''))
  const parameters = {
    ...range,
    ...Object.fromEntries((limits ?? []).map(({ start }, index) => [`part${index}From`, start])),
    ...Object.fromEntries((limits ?? []).map(({ end }, index) => [`part${index}To`, end])),
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
 * The start of the bucket that contains an instant. It is calculated where all starts have the same distance, because the engine takes longer to read a list of thousands
 * of starts than to read the data. The last bucket may be longer than the others (a day of 25 hours, March after February): it contains every instant after its start.
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

/** The distance between the starts of adjacent buckets, if it is always the same. The last bucket may be longer. */
function bucketDistance(buckets: readonly number[]): number | undefined {
  const [first, second] = buckets
  if (first === undefined || second === undefined) return undefined
  const distance = second - first
  return buckets.every((bucket, index) => bucket === first + index * distance) ? distance : undefined
}

/** One row per bucket, ascending, from rows of `countsSql` by bucket only, which may contain a bucket twice. */
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

/** Whether no bucket starts inside a step, so that the roll-up can be grouped by the buckets. */
export function bucketsAlignWithSteps(
  { stepMs }: RollUp,
  { start, end }: TimeRange,
  buckets: readonly number[],
): boolean {
  return buckets.every((bucket) => bucket <= start || bucket > end || bucket % stepMs === 0)
}

/** The steps that lie entirely in the range, as [from, to); undefined if there is none, or if the buckets are not aligned with steps. */
function wholeSteps(rollUp: RollUp, range: TimeRange, buckets: readonly number[]) {
  const { stepMs } = rollUp
  const from = Math.max(0, Math.ceil(range.start / stepMs) * stepMs)
  const to = Math.floor(Math.min(range.end + 1, LAST_STEP_MS) / stepMs) * stepMs
  return from < to && bucketsAlignWithSteps(rollUp, range, buckets) ? { from, to } : undefined
}

/**
 * The exact quantiles of the times between the steps. Messages are counted by class of time, which says in which class a quantile lies; the same query returns the times of that
 * class. A row that was removed takes its time away, which the aggregate functions for quantiles cannot do.
 */
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { quantileRanks, type TimeQuantiles } from '../funnel-totals.ts'
import type { ChainRows } from './message-chain.ts'

/** The class of a time is its exponent and the first 7 bits of its fraction as a 32-bit number: 128 classes from one power of two to the next, and one below 1 ms. */
const CLASS_SHIFT = 16
const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)
const FIRST_CLASS = rawClassOf(1) - 1
/** Above the longest window. */
const CLASS_COUNT = classOf(100 * 86_400_000) + 1
const rawClassSql = (time: string) =>
  `greatest(bitShiftRight(reinterpretAsUInt32(toFloat32(${time})), ${CLASS_SHIFT}), toUInt32(${FIRST_CLASS}))`

function rawClassOf(time: number): number {
  float[0] = time
  return bits[0]! >>> CLASS_SHIFT
}

/** From 0. */
function classOf(time: number): number {
  return Math.max(0, rawClassOf(time) - FIRST_CLASS)
}

function lowestOf(timeClass: number): number {
  if (timeClass === 0) return 0
  bits[0] = (timeClass + FIRST_CLASS) << CLASS_SHIFT
  return Math.ceil(float[0]!)
}

/** How often each time occurs. */
type Counts = Map<number, number>

/** Of each time of a funnel. */
export interface TimesRow {
  /** The number of messages by class. */
  readonly counts: readonly (readonly number[])[]
  /** The times of the classes of the median and of the 90th percentile, each doubled, and 1 more for a row that was removed. */
  readonly times: readonly (readonly (readonly number[])[])[]
}

interface Target {
  readonly timeClass: number
  /** Within the class, from 1. */
  readonly rank: number
}

/** The SQL of each time, and the level above which a message has it: of each step after the first one, since the step before, and then of all steps together. */
function timesOf(stepCount: number) {
  const steps = Array.from({ length: stepCount - 1 }, (_, index) => ({
    sql: index === 0 ? 'after1' : `(after${index + 1} - after${index})`,
    level: index + 1,
  }))
  return [...steps, { sql: `after${stepCount - 1}`, level: stepCount - 1 }]
}

/** The columns from which `timesRowSql` selects a TimesRow: by class, the number of messages and their times. */
export function timeColumnsSql(stepCount: number): string {
  const classes = `${FIRST_CLASS}, ${FIRST_CLASS + CLASS_COUNT}, 1`
  return timesOf(stepCount)
    .map(
      ({ sql, level }, index) =>
        `sumResampleIf(${classes})(sign, ${rawClassSql(sql)}, level > ${level}) AS counts${index},
      groupArrayResampleIf(${classes})(${sql} * 2 + (sign < 0), ${rawClassSql(sql)}, level > ${level}) AS times${index}`,
    )
    .join(',\n      ')
}

/** The ranks are those of `quantileRanks`. */
export function timesRowSql(stepCount: number): string {
  const indexes = timesOf(stepCount).map((_, index) => index)
  const classSql = (index: number, rank: string) =>
    `times${index}[arrayFirstIndex(messages -> messages >= ${rank}, arrayCumSum(counts${index}))]`
  const pairs = indexes.map((index) => {
    const total = `arraySum(counts${index})`
    return `if(${total} = 0, [], [${classSql(index, `intDiv(${total} + 1, 2)`)}, ${classSql(index, `intDiv(${total} * 9 + 9, 10)`)}])`
  })
  return `[${indexes.map((index) => `counts${index}`).join(', ')}] AS counts, [${pairs.join(',\n    ')}] AS times`
}

/**
 * Milliseconds of each step after the first one, since the step before, and then of all steps together; undefined where no message reached the step. `others` are the times of
 * messages that are not among the rows, ascending: another query is needed where they move a quantile to another class. Rejects with a StoreFailure.
 */
export async function readTimes(
  port: QueryPort,
  tenantId: string,
  rows: ChainRows,
  { counts, times }: TimesRow,
  others: readonly ArrayLike<number>[],
): Promise<readonly (TimeQuantiles | undefined)[]> {
  const targets = counts.map((byClass, index) => targetsOf(byClass, others[index]!))
  const known = counts.map((byClass, index) => {
    const found = new Map<number, Counts>()
    for (const [quantile, { timeClass }] of targetsOf(byClass, []).entries())
      found.set(timeClass, countsOf(times[index]![quantile]!))
    return found
  })
  await readMissing(port, tenantId, rows, targets, known)
  return targets.map((ofTime, index) => {
    const [median, p90] = ofTime.map((target) => timeAt(known[index]!.get(target.timeClass)!, others[index]!, target))
    return median === undefined || p90 === undefined ? undefined : { median, p90 }
  })
}

/** Adds the times of the classes that are not known yet. */
async function readMissing(
  port: QueryPort,
  tenantId: string,
  { rows }: ChainRows,
  targets: readonly (readonly Target[])[],
  known: readonly Map<number, Counts>[],
): Promise<void> {
  const missing = timesOf(targets.length).flatMap(({ sql, level }, index) =>
    [...new Set(targets[index]!.map(({ timeClass }) => timeClass))]
      .filter((timeClass) => !known[index]!.has(timeClass))
      .map((timeClass) => ({
        index,
        timeClass,
        time: sql,
        condition: `level > ${level} AND ${sql} >= ${lowestOf(timeClass)} AND ${sql} < ${lowestOf(timeClass + 1)}`,
      })),
  )
  if (missing.length === 0) return
  const lists = missing.map(
    ({ time, condition }, at) => `groupArrayIf(${time} * 2 + (sign < 0), ${condition}) AS times${at}`,
  )
  const sql = `
  SELECT ${lists.join(',\n    ')}
  FROM (${rows.sql})`
  const [found] = await port.query(
    tenantId,
    tenantQuery<Record<string, number[]>>('funnel_times', sql, rows.parameters),
  )
  for (const [at, { index, timeClass }] of missing.entries())
    known[index]!.set(timeClass, countsOf(found![`times${at}`]!))
}

/** From doubled times. */
function countsOf(doubled: readonly number[]): Counts {
  const counts: Counts = new Map()
  for (const each of doubled) increase(counts, Math.floor(each / 2), each % 2 === 0 ? 1 : -1)
  return counts
}

/** Where the median and the 90th percentile lie; empty without a time. */
function targetsOf(byClass: readonly number[], others: ArrayLike<number>): Target[] {
  const counts = [...byClass]
  for (let at = 0; at < others.length; at++) counts[classOf(others[at]!)]! += 1
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const { median, p90 } = quantileRanks(total)
  return [median, p90].map((rank) => {
    let timeClass = 0
    while (rank > counts[timeClass]!) rank -= counts[timeClass++]!
    return { timeClass, rank }
  })
}

/** The time of a rank within its class. Messages may have changed between two queries: then it is the last time of the class, or the lowest one that the class can have. */
function timeAt(counts: Counts, others: ArrayLike<number>, { timeClass, rank }: Target): number {
  const all = new Map(counts)
  for (let at = 0; at < others.length; at++) if (classOf(others[at]!) === timeClass) increase(all, others[at]!, 1)
  const sorted = [...all].filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b)
  let left = rank
  for (const [time, count] of sorted) {
    left -= count
    if (left <= 0) return time
  }
  return sorted.at(-1)?.[0] ?? lowestOf(timeClass)
}

function increase(counts: Counts, value: number, by: number): void {
  counts.set(value, (counts.get(value) ?? 0) + by)
}

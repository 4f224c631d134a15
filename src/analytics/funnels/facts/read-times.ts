/**
 * The exact quantiles of the times between the steps, in two queries: the number of messages by class of time says in which classes the quantiles lie, and then the times of
 * those classes are counted one by one. A row that was removed takes its time away, which an aggregate function for quantiles cannot do.
 */
import { type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { quantileRanks, type TimeQuantiles } from '../funnel-totals.ts'
import type { ChainRows } from './message-chain.ts'

/** The class of a time is its exponent and the first 7 bits of its fraction as a 32-bit number, from class 0 for the time 0 on: 128 classes from one power of two to the next. */
const CLASS_SHIFT = 16
const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)
const FIRST_CLASS = rawClassOf(1) - 1
const classSql = (time: string) =>
  `greatest(0, toInt64(bitShiftRight(reinterpretAsUInt32(toFloat32(${time})), ${CLASS_SHIFT})) - ${FIRST_CLASS})`
/** Above the longest window. */
const CLASS_COUNT = classOf(100 * 86_400_000) + 1

function rawClassOf(time: number): number {
  float[0] = time
  return bits[0]! >>> CLASS_SHIFT
}

function lowestOf(timeClass: number): number {
  if (timeClass === 0) return 0
  bits[0] = (timeClass + FIRST_CLASS) << CLASS_SHIFT
  return Math.ceil(float[0]!)
}

function classOf(time: number): number {
  return Math.max(0, rawClassOf(time) - FIRST_CLASS)
}

/** How often each value occurs. */
type Counts = Map<number, number>

interface Target {
  readonly timeClass: number
  /** Within the class, from 1. */
  readonly rank: number
}

/**
 * Milliseconds of each step after the first one, since the step before, and then of all steps together; undefined where no message reached the step. `others` are the times of
 * messages that are not among the rows, in the same order, ascending. Rejects with a StoreFailure.
 */
export async function readTimes(
  port: QueryPort,
  tenantId: string,
  { rows }: ChainRows,
  stepCount: number,
  others: readonly ArrayLike<number>[],
): Promise<readonly (TimeQuantiles | undefined)[]> {
  const times = timesOf(stepCount)
  const countsSql = `
  SELECT ${times.map(({ sql, level }, index) => `sumResample(0, ${CLASS_COUNT}, 1)(sign * (level > ${level}), ${classSql(sql)}) AS classes${index}`).join(',\n    ')}
  FROM (${rows.sql})`
  const [counted] = await port.query(
    tenantId,
    tenantQuery<Record<string, number[]>>('funnel_time_classes', countsSql, rows.parameters),
  )
  const targets = times.map((_, index) => targetsOf(counted![`classes${index}`]!, others[index]!))
  const wanted = times.flatMap(({ sql, level }, index) => {
    const classes = [...new Set(targets[index]!.map(({ timeClass }) => timeClass))]
    const isWanted = classes.map((timeClass) => `${classSql(sql)} = ${timeClass}`).join(' OR ')
    return isWanted === ''
      ? []
      : `sumMapIf([${sql}], [toInt64(sign)], level > ${level} AND (${isWanted})) AS times${index}`
  })
  if (wanted.length === 0) return times.map(() => undefined)
  const timesSql = `
  SELECT ${wanted.join(',\n    ')}
  FROM (${rows.sql})`
  const [found] = await port.query(
    tenantId,
    tenantQuery<Record<string, readonly [number[], number[]]>>('funnel_times', timesSql, rows.parameters),
  )
  return targets.map(([median, p90], index) => {
    if (median === undefined || p90 === undefined) return undefined
    const [values, counts] = found![`times${index}`]!
    const all: Counts = new Map(values.map((value, at) => [value, counts[at]!]))
    for (let at = 0; at < others[index]!.length; at++) increase(all, others[index]![at]!, 1)
    const sorted = [...all].toSorted(([a], [b]) => a - b)
    return { median: valueAt(sorted, median), p90: valueAt(sorted, p90) }
  })
}

/** The SQL of each time, and the level above which a message has it. */
function timesOf(stepCount: number) {
  const steps = Array.from({ length: stepCount }, (_, index) => ({
    sql: index === 0 ? 'after1' : `(after${index + 1} - after${index})`,
    level: index + 1,
  }))
  return [...steps, { sql: `after${stepCount}`, level: stepCount }]
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

/** The time of a rank within its class. Messages may have changed between the queries: then it is the last time of the class, or the lowest one that the class can have. */
function valueAt(sorted: readonly (readonly [number, number])[], { timeClass, rank }: Target): number {
  const ofClass = sorted.filter(([time]) => classOf(time) === timeClass)
  let left = rank
  for (const [time, count] of ofClass) {
    left -= count
    if (left <= 0) return time
  }
  return ofClass.at(-1)?.[0] ?? lowestOf(timeClass)
}

function increase(counts: Counts, value: number, by: number): void {
  counts.set(value, (counts.get(value) ?? 0) + by)
}

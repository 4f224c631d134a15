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

/** The SQL of each time, and the level above which a message has it: of each step after the first one, since the step before, and then of all steps together. */
function timesOf(stepCount: number) {
  const steps = Array.from({ length: stepCount - 1 }, (_, index) => ({
    sql: index === 0 ? 'after1' : `(after${index + 1} - after${index})`,
    level: index + 1,
  }))
  return [...steps, { sql: `after${stepCount - 1}`, level: stepCount - 1 }]
}

/** Lists of the number of messages by class, one per time of a funnel. */
export function timeClassesSql(stepCount: number): string {
  const lists = timesOf(stepCount).map(
    ({ sql, level }) => `sumResampleIf(0, ${CLASS_COUNT}, 1)(sign, ${classSql(sql)}, level > ${level})`,
  )
  return `array(${lists.join(',\n      ')})`
}

/**
 * Milliseconds of each step after the first one, since the step before, and then of all steps together; undefined where no message reached the step. `classes` are the lists of
 * `timeClassesSql`; `others` are the times of messages that are not among the rows, ascending. Rejects with a StoreFailure.
 */
export async function readTimes(
  port: QueryPort,
  tenantId: string,
  { rows }: ChainRows,
  classes: readonly (readonly number[])[],
  others: readonly ArrayLike<number>[],
): Promise<readonly (TimeQuantiles | undefined)[]> {
  const times = timesOf(classes.length)
  const targets = classes.map((counts, index) => targetsOf(counts, others[index]!))
  const conditions = times.map(({ sql }, index) => {
    const wanted = new Set(targets[index]!.map(({ timeClass }) => timeClass))
    return [...wanted]
      .map((timeClass) => `${sql} >= ${lowestOf(timeClass)} AND ${sql} < ${lowestOf(timeClass + 1)}`)
      .join(' OR ')
  })
  const lists = times.map(({ sql, level }, index) =>
    conditions[index] === ''
      ? '([], [])'
      : `sumMapIf([${sql}], [toInt64(sign)], level > ${level} AND (${conditions[index]}))`,
  )
  const isWanted = conditions.filter((condition) => condition !== '').join(' OR ')
  if (isWanted === '') return times.map(() => undefined)
  const timesSql = `
  SELECT ${lists.map((sql, index) => `${sql} AS times${index}`).join(',\n    ')}
  FROM (${rows.sqlWhere(isWanted)})`
  type Row = Record<string, readonly [number[], number[]]>
  const [found] = await port.query(tenantId, tenantQuery<Row>('funnel_times', timesSql, rows.parameters))
  return targets.map(([median, p90], index) => {
    if (median === undefined || p90 === undefined) return undefined
    const [values, counts] = found![`times${index}`]!
    const all: Counts = new Map(values.map((value, at) => [value, counts[at]!]))
    for (let at = 0; at < others[index]!.length; at++) increase(all, others[index]![at]!, 1)
    const sorted = [...all].toSorted(([a], [b]) => a - b)
    return { median: valueAt(sorted, median), p90: valueAt(sorted, p90) }
  })
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

/** Adds up the attempts of entities to the numbers of a funnel. */
import type { KeyValue } from '../filter/dimension-columns.ts'
import { EXCLUDED, type FunnelEvents, NO_ATTEMPT } from './attempts.ts'
import type { FunnelBreakdown, FunnelQuery } from './funnel-request.ts'
import { NumberList } from './number-list.ts'

/** Counts of entities by the number of steps that they reached; index 0 is not used. */
type LevelCounts = number[]

/** The events of an attempt with the values of the breakdown; no value is null. */
export interface ValuedEvents extends FunnelEvents {
  readonly values: readonly KeyValue[]
}

export interface FunnelNumbers {
  readonly entered: number
  readonly excluded: number
  readonly open: number
  /** Of each step, the entities that reached it. */
  readonly reached: readonly number[]
  /** Milliseconds from the event of the step before; undefined for the first step and where no entity reached it. */
  readonly times: readonly (TimeQuantiles | undefined)[]
  /** Milliseconds from the entry to the last step. */
  readonly overall: TimeQuantiles | undefined
  /** By value of the breakdown. */
  readonly byValue: ReadonlyMap<KeyValue, readonly number[]>
  /** By bucket of the entry. */
  readonly byBucket: readonly { readonly entered: number; readonly converted: number }[]
}

export interface TimeQuantiles {
  readonly median: number
  readonly p90: number
}

/** Entities with the same result. */
export interface EqualEntities {
  readonly level: number
  readonly isOpen: boolean
  /** The value of the breakdown. */
  readonly value: KeyValue
  readonly enteredAt: number
  readonly count: number
}

/** One instance per funnel. */
export class FunnelTotals {
  readonly #query: FunnelQuery
  readonly #until: number
  readonly #buckets: readonly number[]
  readonly #levels: LevelCounts
  readonly #byValue = new Map<KeyValue, LevelCounts>()
  readonly #entered: Float64Array
  readonly #converted: Float64Array
  readonly #times: readonly NumberList[]
  readonly #overall = new NumberList()
  #excluded = 0
  #open = 0

  /** `buckets` are the starts of the buckets of the trend, ascending; empty without one. */
  constructor(query: FunnelQuery, until: number, buckets: readonly number[]) {
    this.#query = query
    this.#until = until
    this.#buckets = buckets
    this.#levels = zeros(query.steps.length)
    this.#entered = new Float64Array(buckets.length)
    this.#converted = new Float64Array(buckets.length)
    this.#times = query.steps.map(() => new NumberList())
  }

  /** Adds an entity with the result of its `AttemptFinder`. */
  add(level: number, chosen: ArrayLike<number>, { times, values }: ValuedEvents): void {
    if (level === NO_ATTEMPT) return
    if (level === EXCLUDED) {
      this.#excluded++
      return
    }
    const { steps, windowMs, breakdown } = this.#query
    const enteredAt = times[chosen[0]!]!
    for (let step = 1; step < level; step++) this.#times[step]!.push(times[chosen[step]!]! - times[chosen[step - 1]!]!)
    if (level === steps.length) this.#overall.push(times[chosen[level - 1]!]! - enteredAt)
    this.count({
      level,
      isOpen: isOpen(level, steps.length, enteredAt + windowMs, this.#until),
      value: breakdown ? valueOf(breakdown, chosen, level, values) : null,
      enteredAt,
      count: 1,
    })
  }

  /** Adds entities but for their times. */
  count({ level, isOpen: open, value, enteredAt, count }: EqualEntities): void {
    const { steps, breakdown } = this.#query
    this.#levels[level]! += count
    if (open) this.#open += count
    if (breakdown) {
      let levels = this.#byValue.get(value)
      if (levels === undefined) this.#byValue.set(value, (levels = zeros(steps.length)))
      levels[level]! += count
    }
    if (this.#buckets.length > 0) {
      const bucket = bucketIndex(this.#buckets, enteredAt)
      this.#entered[bucket]! += count
      if (level === steps.length) this.#converted[bucket]! += count
    }
  }

  /** The times of the entities in ascending order: of each step since the one before, and the overall ones last. */
  sortedTimes(): readonly Float64Array[] {
    return [...this.#times.slice(1), this.#overall].map((list) => list.sorted())
  }

  numbers(): FunnelNumbers {
    const reached = reachedOf(this.#levels)
    return {
      entered: reached[0]!,
      excluded: this.#excluded,
      open: this.#open,
      reached,
      times: this.#times.map(quantilesOf),
      overall: quantilesOf(this.#overall),
      byValue: new Map([...this.#byValue].map(([value, levels]) => [value, reachedOf(levels)])),
      byBucket: this.#buckets.map((_, bucket) => ({
        entered: this.#entered[bucket]!,
        converted: this.#converted[bucket]!,
      })),
    }
  }
}

/** Whether an entity may still reach the last step. `endsAt` is the end of the window of its attempt. */
export function isOpen(level: number, stepCount: number, endsAt: number, until: number): boolean {
  return level < stepCount && endsAt > until
}

/** The value of an attempt in a breakdown. */
export function valueOf(
  { of }: FunnelBreakdown,
  chosen: ArrayLike<number>,
  level: number,
  values: readonly KeyValue[],
): KeyValue {
  if (of === 'first') {
    for (let step = 0; step < level; step++) if (values[chosen[step]!] !== null) return values[chosen[step]!]!
  } else if (of === 'last') {
    for (let step = level - 1; step >= 0; step--) if (values[chosen[step]!] !== null) return values[chosen[step]!]!
  }
  return values[chosen[0]!]!
}

/** The index of the bucket that contains the instant. */
function bucketIndex(starts: readonly number[], instant: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (starts[middle]! <= instant) low = middle
    else high = middle
  }
  return low
}

function zeros(stepCount: number): LevelCounts {
  return Array.from({ length: stepCount + 1 }, () => 0)
}

/** Whoever reached a step reached all before it. */
function reachedOf(levels: LevelCounts): number[] {
  const reached = levels.slice(1)
  for (let step = reached.length - 2; step >= 0; step--) reached[step]! += reached[step + 1]!
  return reached
}

function quantilesOf(list: NumberList): TimeQuantiles | undefined {
  if (list.length === 0) return undefined
  const sorted = list.sorted()
  const ranks = quantileRanks(sorted.length)
  return { median: sorted[ranks.median - 1]!, p90: sorted[ranks.p90 - 1]! }
}

/** The ranks of the quantiles among so many sorted numbers, from 1: the `ceil(q · count)`-th smallest. */
export function quantileRanks(count: number): TimeQuantiles {
  return { median: Math.ceil(count / 2), p90: Math.ceil((count * 9) / 10) }
}

/**
 * The attempts of one entity at a funnel. All numbers of a funnel and its lists of members follow from this calculation.
 *
 * The events of the entity have to be in the order of a funnel: by time, then by the lowest step that they match, events that match none last, then by id.
 */
import type { TimeRange } from '../time/time-range.ts'
import type { FunnelOrder } from './funnel-request.ts'

export interface AttemptRules {
  readonly order: FunnelOrder
  /** The number of steps. */
  readonly stepCount: number
  readonly windowMs: number
  /** Attempts start in it. */
  readonly range: TimeRange
  /** Later events do not count. */
  readonly until: number
  /** Indexes of steps. */
  readonly exclusions: readonly { readonly after: number; readonly before: number }[]
}

/** Events in their order, as lists of the same length. */
export interface FunnelEvents {
  /** Epoch milliseconds. */
  readonly times: ArrayLike<number>
  /** The steps that each event matches: bit k stands for step k. */
  readonly steps: ArrayLike<number>
  /** The exclusions that each event matches, in the same way. */
  readonly exclusions: ArrayLike<number>
}

/** An entity without an attempt. */
export const NO_ATTEMPT = 0
/** An entity all of whose attempts are void. */
export const EXCLUDED = -1

/** The position of an event among those of the same time: the lowest step that it matches, or the number of steps. */
export function rankOf(steps: number, stepCount: number): number {
  for (let step = 0; step < stepCount; step++) if (((steps >>> step) & 1) === 1) return step
  return stepCount
}

/** Finds the attempt of an entity that counts: the deepest one that is not void, then the earliest. It keeps its lists between entities. */
export class AttemptFinder {
  /**
   * The chosen events of the attempt that was found last, in their order, as positions in the lists; the first `level` of them. Of an EXCLUDED entity, the first one is the start
   * of its first attempt.
   */
  readonly chosen: Int32Array
  readonly #rules: AttemptRules
  readonly #attempt: Int32Array
  /** `any`: the position of the event that fills each step; -1 for none. */
  readonly #filled: Int32Array
  /** `ordered`: where the search for the event of each step goes on. */
  readonly #searched: Int32Array
  /** `any`: the steps that the search for a place has tried, as bits. */
  #tried = 0
  /** The times of the events of the entity that match each exclusion, ascending; empty until they are needed. */
  readonly #excluding: (readonly number[])[] = []

  constructor(rules: AttemptRules) {
    this.#rules = rules
    this.chosen = new Int32Array(rules.stepCount)
    this.#attempt = new Int32Array(rules.stepCount)
    this.#filled = new Int32Array(rules.stepCount)
    this.#searched = new Int32Array(rules.stepCount)
  }

  /** The number of steps that the entity with the events from `from` up to `to` reached, NO_ATTEMPT or EXCLUDED. */
  find(events: FunnelEvents, from: number, to: number): number {
    const { order, stepCount, range, windowMs, until } = this.#rules
    const { times, steps } = events
    const starting = order === 'any' ? (1 << stepCount) - 1 : 1
    const groups = order === 'any' ? groupBySteps(steps, from, to) : []
    this.#searched.fill(from)
    this.#excluding.length = 0
    let best = NO_ATTEMPT
    let hasAttempt = false
    for (let start = from; start < to; start++) {
      const startedAt = times[start]!
      if (startedAt > range.end || startedAt > until) break
      if ((steps[start]! & starting) === 0 || startedAt < range.start) continue
      if (!hasAttempt) this.chosen[0] = start
      hasAttempt = true
      const limit = Math.min(startedAt + windowMs, until)
      const level =
        order === 'ordered'
          ? this.#walk(events, start, to, limit)
          : order === 'strict'
            ? this.#walkStrictly(events, start, to, limit)
            : this.#collect(events, groups, start, limit)
      if (level <= best || this.#isVoid(events, level, from, to)) continue
      best = level
      this.chosen.set(this.#attempt)
      if (level === stepCount) break
    }
    return hasAttempt && best === NO_ATTEMPT ? EXCLUDED : best
  }

  /** The chosen events of later attempts are never earlier, so that each search goes on where the one of the attempt before ended. */
  #walk({ times, steps }: FunnelEvents, start: number, to: number, limit: number): number {
    const attempt = this.#attempt
    const searched = this.#searched
    attempt[0] = start
    let level = 1
    for (; level < attempt.length; level++) {
      let at = Math.max(searched[level]!, attempt[level - 1]! + 1)
      while (at < to && ((steps[at]! >>> level) & 1) === 0) at++
      searched[level] = at
      if (at >= to || times[at]! > limit) break
      attempt[level] = at
    }
    return level
  }

  #walkStrictly({ times, steps }: FunnelEvents, start: number, to: number, limit: number): number {
    const attempt = this.#attempt
    attempt[0] = start
    let level = 1
    for (; level < attempt.length; level++) {
      const at = start + level
      if (at >= to || times[at]! > limit || ((steps[at]! >>> level) & 1) === 0) break
      attempt[level] = at
    }
    return level
  }

  /**
   * As many steps as possible, by the earliest events: each event in order is chosen when it can fill a step beside those chosen before, which may change their steps. When
   * an event cannot, no later event that matches the same steps can.
   */
  #collect({ times, steps }: FunnelEvents, groups: readonly SameSteps[], start: number, limit: number): number {
    const attempt = this.#attempt
    this.#filled.fill(-1)
    for (const group of groups) {
      while (group.first < group.positions.length && group.positions[group.first]! < start) group.first++
      group.next = group.first
    }
    let level = 0
    while (level < attempt.length) {
      let earliest: SameSteps | undefined
      let at = Infinity
      for (const group of groups) {
        const position = group.positions[group.next] ?? Infinity
        if (position < at) [earliest, at] = [group, position]
      }
      if (earliest === undefined || times[at]! > limit) break
      this.#tried = 0
      if (this.#place(steps, at)) {
        attempt[level++] = at
        earliest.next++
      } else earliest.next = earliest.positions.length
    }
    return level
  }

  /** Fills a step with the event; the event that filled it before moves to another step. */
  #place(steps: ArrayLike<number>, at: number): boolean {
    const filled = this.#filled
    for (let step = 0; step < filled.length; step++) {
      if (((steps[at]! >>> step) & 1) === 0 || ((this.#tried >>> step) & 1) === 1) continue
      this.#tried |= 1 << step
      const before = filled[step]!
      if (before >= 0 && !this.#place(steps, before)) continue
      filled[step] = at
      return true
    }
    return false
  }

  /** `any`: gives the chosen events to the steps anew: each step in order has the earliest event with which all chosen events still fill a step. */
  #settle(steps: ArrayLike<number>, level: number): void {
    let left = Array.from(this.#attempt.subarray(0, level))
    for (let step = 0; step < this.#filled.length; step++) {
      const found = left.find(
        (at) =>
          ((steps[at]! >>> step) & 1) === 1 &&
          canFill(
            left.filter((each) => each !== at).map((each) => steps[each]!),
            -1 << (step + 1),
          ),
      )
      this.#filled[step] = found ?? -1
      left = left.filter((each) => each !== found)
    }
  }

  /** Whether an exclusion lies between two chosen events. */
  #isVoid({ times, steps, exclusions }: FunnelEvents, level: number, from: number, to: number): boolean {
    const { exclusions: rules, order } = this.#rules
    if (rules.length > 0 && order === 'any') this.#settle(steps, level)
    const byStep = order === 'any' ? this.#filled : this.#attempt
    return rules.some(({ after, before }, index) => {
      const isReached = order === 'any' ? byStep[after]! >= 0 && byStep[before]! >= 0 : level > before
      if (!isReached) return false
      const [one, other] = [times[byStep[after]!]!, times[byStep[before]!]!]
      const found = (this.#excluding[index] ??= timesOf(times, exclusions, index, from, to))
      const next = found[firstAbove(found, Math.min(one, other))]
      return next !== undefined && next < Math.max(one, other)
    })
  }
}

/** Whether events that match these steps can fill one of the free steps each. */
function canFill([first, ...others]: readonly number[], free: number): boolean {
  if (first === undefined) return true
  for (let choices = first & free; choices !== 0; choices &= choices - 1)
    if (canFill(others, free & ~(choices & -choices))) return true
  return false
}

function timesOf(times: ArrayLike<number>, masks: ArrayLike<number>, bit: number, from: number, to: number): number[] {
  const found: number[] = []
  for (let at = from; at < to; at++) if (((masks[at]! >>> bit) & 1) === 1) found.push(times[at]!)
  return found
}

/** The index of the first of the ascending values that is above the bound. */
function firstAbove(values: readonly number[], bound: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle]! > bound) high = middle
    else low = middle + 1
  }
  return low
}

/** The events that match the same steps. */
interface SameSteps {
  readonly steps: number
  /** Ascending. */
  readonly positions: number[]
  /** The index of the first one that is not before the start of the attempt. */
  first: number
  /** The index of the next one to be tried. */
  next: number
}

function groupBySteps(steps: ArrayLike<number>, from: number, to: number): SameSteps[] {
  const groups: SameSteps[] = []
  for (let at = from; at < to; at++) {
    if (steps[at] === 0) continue
    let group = groups.find((each) => each.steps === steps[at])
    if (group === undefined) groups.push((group = { steps: steps[at]!, positions: [], first: 0, next: 0 }))
    group.positions.push(at)
  }
  return groups
}

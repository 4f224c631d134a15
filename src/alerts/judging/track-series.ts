/** Follows one series of a rule from bucket to bucket: verdict, state, and what has changed. */
import type { Verdict } from '../detectors/verdict.ts'
import type { AlertRule } from '../rules/resolve-rule.ts'
import { type AlertState, type AlertStateName, isFiring, nextState, NORMAL } from './alert-state.ts'
import { FiredBuckets } from './fired-buckets.ts'
import { judgeBucket, lookbackOf } from './judge-bucket.ts'
import type { SeriesValues } from './series-values.ts'
import type { Timeline } from './timeline.ts'

/** A change of the state of a series. */
export interface Transition {
  /** The first instant of the bucket that was judged. */
  readonly bucket: number
  readonly from: AlertStateName
  readonly to: AlertStateName
  /** A count, a rate in percent, or a median; null where the bucket has none. */
  readonly value: number | null
  readonly expected?: Verdict['expected']
}

/** What a detector said about a bucket, with its value. */
export interface JudgedBucket extends Verdict {
  /** A count, a rate in percent, or a median; null where the bucket has none. */
  readonly value: number | null
}

export interface ReadValues {
  readonly timeline: Timeline
  readonly values: SeriesValues
  readonly firstStored: number
}

export class SeriesTracker {
  readonly #rule: AlertRule
  readonly fired: FiredBuckets
  #state: AlertState
  #last: JudgedBucket | undefined

  constructor(rule: AlertRule, state: AlertState = NORMAL, fired: FiredBuckets = new FiredBuckets()) {
    this.#rule = rule
    this.#state = state
    this.fired = fired
  }

  get state(): AlertState {
    return this.#state
  }

  /** The verdict on the bucket that was judged last. */
  get last(): JudgedBucket | undefined {
    return this.#last
  }

  /** Judges the bucket with this index. Returns the change of the state, if it changed. */
  judge({ timeline, values, firstStored }: ReadValues, index: number): Transition | undefined {
    const { detector } = this.#rule
    const { fired } = this
    const verdict = judgeBucket(detector, { timeline, values, firstStored, fired }, index, isFiring(this.#state))
    const bucket = timeline.starts[index]!
    const lookback = lookbackOf(detector)
    if (lookback.ms > 0) {
      fired.removeBefore(bucket - lookback.ms - DAY_MS)
      if (verdict.outcome === 'fires') fired.add(bucket, timeline.starts[index - 1])
    }
    const from = this.#state.name
    this.#state = nextState(this.#state, verdict.outcome, this.#rule)
    const { value } = values.at(index)
    this.#last = { ...verdict, value }
    const to = this.#state.name
    if (from === to) return undefined
    return { bucket, from, to, value, ...(verdict.expected ? { expected: verdict.expected } : {}) }
  }
}

/** Labels of local time may lie further back than their distance. */
const DAY_MS = 86_400_000

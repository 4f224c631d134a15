import type { Measurement } from '../detectors/verdict.ts'
import { measureRate } from '../detectors/verdict.ts'
import type { MetricKind } from '../rules/detector-fields.ts'

/** The measurements of a series by the index of the bucket. A bucket that is not set has no events. */
export class SeriesValues {
  readonly #kind: MetricKind
  readonly #values: Float64Array
  readonly #wholes: Float64Array | undefined
  #first: number | undefined

  constructor(kind: MetricKind, buckets: number) {
    this.#kind = kind
    this.#values = new Float64Array(buckets)
    if (kind === 'median') this.#values.fill(NaN)
    if (kind === 'rate') this.#wholes = new Float64Array(buckets)
  }

  /** The first bucket with anything in it; undefined where all are empty. */
  get first(): number | undefined {
    return this.#first
  }

  set(index: number, { value, part, whole }: Measurement): void {
    this.#values[index] = (this.#kind === 'rate' ? part : value) ?? NaN
    if (this.#wholes) this.#wholes[index] = whole ?? 0
    if (value !== null && value !== 0) this.#first = Math.min(this.#first ?? index, index)
    else if (whole) this.#first = Math.min(this.#first ?? index, index)
  }

  /** Adds the measurements of another series of counts or rates, over the same buckets. */
  add(other: SeriesValues): void {
    for (let index = 0; index < this.#values.length; index++) {
      this.#values[index]! += other.#values[index]!
      if (this.#wholes) this.#wholes[index]! += other.#wholes![index]!
    }
    if (other.#first !== undefined) this.#first = Math.min(this.#first ?? other.#first, other.#first)
  }

  at(index: number): Measurement {
    const value = this.#values[index]!
    if (this.#wholes) return measureRate(value, this.#wholes[index]!)
    return { value: Number.isNaN(value) ? null : value }
  }
}

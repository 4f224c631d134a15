import { type Measurement, measureRate } from '../detectors/verdict.ts'
import type { MetricKind } from '../rules/detector-fields.ts'

/** A bucket without events. */
const EMPTY: Readonly<Record<MetricKind, Measurement>> = {
  count: { value: 0 },
  rate: measureRate(0, 0),
  median: { value: null },
}

/** The measurements of a series by the index of the bucket. A bucket that is not set has no events. */
export class SeriesValues {
  readonly #kind: MetricKind
  readonly #values = new Map<number, Measurement>()
  #first: number | undefined

  constructor(kind: MetricKind) {
    this.#kind = kind
  }

  /** The first bucket with anything in it; undefined where all are empty. */
  get first(): number | undefined {
    return this.#first
  }

  set(index: number, measurement: Measurement): void {
    this.#values.set(index, measurement)
    const { value, whole } = measurement
    if (value || whole) this.#first = Math.min(this.#first ?? index, index)
  }

  /** Adds the measurements of another series of counts or rates, over the same buckets. */
  add(other: SeriesValues): void {
    for (const [index, added] of other.#values) this.set(index, this.#sumOf(this.at(index), added))
  }

  at(index: number): Measurement {
    return this.#values.get(index) ?? EMPTY[this.#kind]
  }

  #sumOf(a: Measurement, b: Measurement): Measurement {
    if (this.#kind === 'rate') return measureRate((a.part ?? 0) + (b.part ?? 0), (a.whole ?? 0) + (b.whole ?? 0))
    return { value: (a.value ?? 0) + (b.value ?? 0) }
  }
}

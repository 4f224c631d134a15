/** Sequences of the stream from `from` to `to`, both inclusive. */
export interface SequenceRange {
  readonly from: number
  readonly to: number
}

/** Finds the sequences of a stream that were not delivered. Each is reported once, however often the deliveries around it are repeated. */
export class SequenceGaps {
  /** Every sequence up to this one was delivered or reported as a gap. */
  #accounted = 0
  #gaps: SequenceRange[] = []

  /** Nothing up to `sequence` is missing, and everything after it has to be delivered. */
  restart(sequence: number): void {
    this.#accounted = sequence
    this.#gaps = this.#gaps.flatMap(({ from, to }) => (from > sequence ? [] : [{ from, to: Math.min(to, sequence) }]))
  }

  /** This sequence was delivered, and everything before it that will be delivered. */
  recordDelivered(sequence: number): void {
    this.recordUnavailable(sequence - 1)
    if (sequence > this.#accounted) this.#accounted = sequence
  }

  /** Nothing up to `sequence` will be delivered from now on. */
  recordUnavailable(sequence: number): void {
    if (sequence <= this.#accounted) return
    this.#gaps.push({ from: this.#accounted + 1, to: sequence })
    this.#accounted = sequence
  }

  /** Nothing up to `sequence` is missing except the gaps found so far. */
  advanceTo(sequence: number): void {
    this.#accounted = Math.max(this.#accounted, sequence)
  }

  /** The gaps since the last call, in order. */
  takeGaps(): readonly SequenceRange[] {
    const gaps = this.#gaps
    this.#gaps = []
    return gaps
  }

  /** Puts back gaps that were taken and could not be examined. */
  restore(gaps: readonly SequenceRange[]): void {
    this.#gaps.unshift(...gaps)
  }

  get accounted(): number {
    return this.#accounted
  }
}

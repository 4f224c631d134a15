/** Sequences of the stream from `from` to `to`, both included. */
export interface SequenceRange {
  readonly from: number
  readonly to: number
}

/** Finds the sequences of a stream that deliveries leave out. Each is found once, however often the deliveries around it come again. */
export class SequenceGaps {
  /** What happened to everything up to it is known. */
  #accounted = 0
  #gaps: SequenceRange[] = []

  /** Nothing up to `sequence` is missing, and whatever is behind it has to come. */
  restart(sequence: number): void {
    this.#accounted = sequence
    this.#gaps = this.#gaps.flatMap(({ from, to }) => (from > sequence ? [] : [{ from, to: Math.min(to, sequence) }]))
  }

  /** This one was delivered, and everything before it that was to come. */
  recordDelivered(sequence: number): void {
    this.recordUnavailable(sequence - 1)
    if (sequence > this.#accounted) this.#accounted = sequence
  }

  /** Nothing up to `sequence` will be delivered any more. */
  recordUnavailable(sequence: number): void {
    if (sequence <= this.#accounted) return
    this.#gaps.push({ from: this.#accounted + 1, to: sequence })
    this.#accounted = sequence
  }

  /** Nothing up to `sequence` is missing that is not known to be. */
  advanceTo(sequence: number): void {
    this.#accounted = Math.max(this.#accounted, sequence)
  }

  /** The gaps since the last call, in order. */
  takeGaps(): readonly SequenceRange[] {
    const gaps = this.#gaps
    this.#gaps = []
    return gaps
  }

  /** Puts back what was taken and could not be dealt with. */
  restore(gaps: readonly SequenceRange[]): void {
    this.#gaps.unshift(...gaps)
  }

  get accounted(): number {
    return this.#accounted
  }
}

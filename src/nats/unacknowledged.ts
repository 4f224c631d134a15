import type { NatsDelivery } from './delivery.ts'

/** A delivery that the broker waits to hear of. */
export type OpenDelivery = Pick<NatsDelivery, 'sequence' | 'consumerSequence' | 'reply'>

/** The deliveries that are not acknowledged, in the order of the stream. */
export class Unacknowledged {
  #open: OpenDelivery[] = []

  /** Adds a delivery; one that comes again is known already. */
  add({ sequence, consumerSequence, reply }: OpenDelivery): void {
    const last = this.#open.at(-1)
    if (!last || last.sequence < sequence) this.#open.push({ sequence, consumerSequence, reply })
  }

  /** Takes out everything up to a sequence of the stream. */
  takeUpTo(sequence: number): readonly OpenDelivery[] {
    let count = 0
    while (count < this.#open.length && this.#open[count]!.sequence <= sequence) count++
    const taken = this.#open.slice(0, count)
    if (count > 0) this.#open = this.#open.slice(count)
    return taken
  }

  clear(): void {
    this.#open = []
  }
}

import type { Delivery } from '../ports.ts'

/** A delivery that is in flight until it is settled: stored, known to be stored, a dead letter, deferred, forwarded or ignored. */
export interface PendingDelivery {
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds. */
  readonly publishedAt: number
  readonly floor: AckFloor
  isSettled: boolean
}

/**
 * The acknowledgement floor: the highest stream sequence up to which every delivery is settled. It is the only sequence that may be acknowledged cumulatively. Deliveries
 * must be tracked in ascending order; they may settle in any order.
 */
export class AckFloor {
  /** Whether deliveries arrive as they are published, not long after. */
  readonly isLive: boolean
  readonly #onAdvanced: (floor: number) => void
  #pending: PendingDelivery[] = []
  #head = 0
  #lastSequence = 0
  #floor = 0
  /** The floor of the last successful call of `onAdvanced`. */
  #announcedFloor = 0

  /** `onAdvanced` is called with each new floor. */
  constructor(onAdvanced: (floor: number) => void, isLive = true) {
    this.#onAdvanced = onAdvanced
    this.isLive = isLive
  }

  /** Undefined when this or a higher sequence was tracked before: the delivery is a redelivery. */
  track({ sequence, publishedAt }: Pick<Delivery, 'sequence' | 'publishedAt'>): PendingDelivery | undefined {
    if (sequence <= this.#lastSequence) return undefined
    this.#lastSequence = sequence
    const pending: PendingDelivery = { sequence, publishedAt, floor: this, isSettled: false }
    this.#pending.push(pending)
    return pending
  }

  /** Moves the floor over settled deliveries, and calls `onAdvanced` when it moved. When that throws, the next call repeats it. */
  advance(): void {
    while (this.#head < this.#pending.length && this.#pending[this.#head]!.isSettled)
      this.#floor = this.#pending[this.#head++]!.sequence
    if (this.#head > 1024 && this.#head * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#head)
      this.#head = 0
    }
    if (this.#floor === this.#announcedFloor) return
    this.#onAdvanced(this.#floor)
    this.#announcedFloor = this.#floor
  }

  /** Drops all tracked deliveries and accepts deliveries after `floor` again. */
  restart(floor: number): void {
    this.#pending = []
    this.#head = 0
    this.#lastSequence = floor
    this.#floor = floor
    this.#announcedFloor = floor
  }

  get floor(): number {
    return this.#floor
  }

  /** The oldest delivery that is not settled. */
  get oldest(): PendingDelivery | undefined {
    return this.#pending[this.#head]
  }

  get pendingCount(): number {
    return this.#pending.length - this.#head
  }
}

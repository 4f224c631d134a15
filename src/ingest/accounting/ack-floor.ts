import type { Delivery } from '../ports.ts'

/** A delivery on its way; settled when it is stored, known to be stored, or a dead letter. */
export interface PendingDelivery {
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds. */
  readonly publishedAt: number
  readonly floor: AckFloor
  isSettled: boolean
}

/**
 * The floor: the highest stream sequence below which every delivery is settled, and so the only one that may be acknowledged
 * cumulatively. Deliveries must be opened in ascending order; they may settle in any.
 */
export class AckFloor {
  /** Whether its deliveries come as they are published, and not long after. */
  readonly isLive: boolean
  readonly #onAdvanced: (floor: number) => void
  #pending: PendingDelivery[] = []
  #head = 0
  #lastSequence = 0
  #floor = 0
  /** The floor that was told last. */
  #announcedFloor = 0

  /** `onAdvanced` is told each new floor. */
  constructor(onAdvanced: (floor: number) => void, isLive = true) {
    this.#onAdvanced = onAdvanced
    this.isLive = isLive
  }

  /** A ticket for the delivery, or undefined when one with this or a higher sequence was opened before (a redelivery). */
  track({ sequence, publishedAt }: Pick<Delivery, 'sequence' | 'publishedAt'>): PendingDelivery | undefined {
    if (sequence <= this.#lastSequence) return undefined
    this.#lastSequence = sequence
    const pending: PendingDelivery = { sequence, publishedAt, floor: this, isSettled: false }
    this.#pending.push(pending)
    return pending
  }

  /** Moves the floor over what has settled and tells, if it moved. What could not be told, as `onAdvanced` threw, is told the next time. */
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

  /** Forgets what is open and takes deliveries from behind `floor` again. */
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

import type { Delivery } from './ports.ts'

/** A delivery on its way; settled when it is stored, known to be stored, or a dead letter. */
export interface Ticket {
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
  #open: Ticket[] = []
  #head = 0
  #last = 0
  #floor = 0
  /** The floor that was told last. */
  #told = 0

  /** `onAdvanced` is told each new floor. */
  constructor(onAdvanced: (floor: number) => void, isLive = true) {
    this.#onAdvanced = onAdvanced
    this.isLive = isLive
  }

  /** A ticket for the delivery, or undefined when one with this or a higher sequence was opened before (a redelivery). */
  open({ sequence, publishedAt }: Pick<Delivery, 'sequence' | 'publishedAt'>): Ticket | undefined {
    if (sequence <= this.#last) return undefined
    this.#last = sequence
    const ticket: Ticket = { sequence, publishedAt, floor: this, isSettled: false }
    this.#open.push(ticket)
    return ticket
  }

  /** Moves the floor over what has settled and tells, if it moved. What could not be told, as `onAdvanced` threw, is told the next time. */
  advance(): void {
    while (this.#head < this.#open.length && this.#open[this.#head]!.isSettled)
      this.#floor = this.#open[this.#head++]!.sequence
    if (this.#head > 1024 && this.#head * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#head)
      this.#head = 0
    }
    if (this.#floor === this.#told) return
    this.#onAdvanced(this.#floor)
    this.#told = this.#floor
  }

  /** Forgets what is open and takes deliveries from behind `floor` again. */
  restart(floor: number): void {
    this.#open = []
    this.#head = 0
    this.#last = floor
    this.#floor = floor
    this.#told = floor
  }

  get floor(): number {
    return this.#floor
  }

  /** The oldest delivery that is not settled. */
  get oldest(): Ticket | undefined {
    return this.#open[this.#head]
  }

  get openCount(): number {
    return this.#open.length - this.#head
  }
}

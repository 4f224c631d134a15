/** A delivery on its way; settled when it is stored, known to be stored, or a dead letter. */
export interface Ticket {
  readonly sequence: number
  isSettled: boolean
}

/**
 * The floor: the highest stream sequence below which every delivery is settled, and so the only one that may be acknowledged
 * cumulatively. Deliveries must be opened in ascending order; they may settle in any.
 */
export class AckFloor {
  #open: Ticket[] = []
  #head = 0
  #last: number
  #floor: number

  /** `start` is the sequence up to which everything was settled before. */
  constructor(start = 0) {
    this.#last = start
    this.#floor = start
  }

  /** A ticket for the delivery, or undefined when one with this or a higher sequence was opened before (a redelivery). */
  open(sequence: number): Ticket | undefined {
    if (sequence <= this.#last) return undefined
    this.#last = sequence
    const ticket: Ticket = { sequence, isSettled: false }
    this.#open.push(ticket)
    return ticket
  }

  /** Moves the floor over what has settled; the new floor, or undefined when it did not move. */
  advance(): number | undefined {
    const before = this.#floor
    while (this.#head < this.#open.length && this.#open[this.#head]!.isSettled)
      this.#floor = this.#open[this.#head++]!.sequence
    if (this.#head > 1024 && this.#head * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#head)
      this.#head = 0
    }
    return this.#floor === before ? undefined : this.#floor
  }

  /** Forgets what is open and takes deliveries from behind `floor` again. */
  restart(floor: number): void {
    this.#open = []
    this.#head = 0
    this.#last = floor
    this.#floor = floor
  }

  get floor(): number {
    return this.#floor
  }

  get openCount(): number {
    return this.#open.length - this.#head
  }
}

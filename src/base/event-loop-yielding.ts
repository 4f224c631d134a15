/**
 * The one thread that ingestion and requests share: who waits for an answer is counted, and long work lets them in between two of its pieces. A chain of promises keeps
 * everybody waiting until its end: a block of 25,000 events is a quarter of a second of it. While nobody waits nothing is given away, as every pause of the writer is
 * one of the store.
 */
export class EventLoopYielder {
  #trackedCount = 0

  /** Somebody waits for an answer while the task runs. */
  async track<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#trackedCount++
    try {
      return await task()
    } finally {
      this.#trackedCount--
    }
  }

  /** Resolves in a later turn of the event loop; undefined while nobody waits. */
  yieldIfBusy(): Promise<void> | undefined {
    return this.#trackedCount > 0 ? new Promise((resolve) => setTimeout(resolve, 0)) : undefined
  }
}

/** Lets so many through in one turn of the event loop, in the order they came; the rest wait for later turns. */
export class PerTurnGate {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []
  #remainingInTurn: number
  #isTurnEndScheduled = false

  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#remainingInTurn = perTurn
  }

  /** Resolves when the caller may go through; undefined when it may in this turn. */
  pass(): Promise<void> | undefined {
    this.#scheduleTurnEnd()
    if (this.#remainingInTurn === 0) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#remainingInTurn--
    return undefined
  }

  #scheduleTurnEnd(): void {
    if (this.#isTurnEndScheduled) return
    this.#isTurnEndScheduled = true
    setTimeout(() => {
      this.#isTurnEndScheduled = false
      const next = this.#waiting.splice(0, this.#perTurn)
      this.#remainingInTurn = this.#perTurn - next.length
      if (next.length > 0) this.#scheduleTurnEnd()
      for (const resolve of next) resolve()
    }, 0)
  }
}

/** A piece of long work holds the event loop for about so long. */
const SLICE_MS = 8
/** Between two slices, so that the second one begins in a later turn. */
const PAUSE_MS = 1
/** Longer than the pause: a task that had a slice lets those that wait go first. */
const PAUSE_AFTER_SLICE_MS = 3

/**
 * When the next slice of any task may begin: many tasks at once must not hold the loop for as many slices in one turn. A number and no queue: where a request can vanish,
 * nothing may wait for another one, so that every task looks by a timer of its own.
 */
let nextSliceAt = 0

/** Divides one long task into slices: between two of them the event loop serves everybody else. One for each task. */
export class TimeSlices {
  #endsAt = 0

  /** To be awaited between two steps of the task: undefined while the slice lasts, then a promise that resolves in a later turn of the event loop, when no other task has it. */
  yieldIfExpired(): Promise<void> | undefined {
    return performance.now() < this.#endsAt ? undefined : this.#beginSlice()
  }

  async #beginSlice(): Promise<void> {
    const hadSlice = this.#endsAt > 0
    if (hadSlice) nextSliceAt = performance.now() + PAUSE_MS
    await delay(hadSlice ? PAUSE_AFTER_SLICE_MS : 0)
    while (performance.now() < nextSliceAt) await delay(0)
    this.#endsAt = performance.now() + SLICE_MS
    nextSliceAt = this.#endsAt + PAUSE_MS
  }
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

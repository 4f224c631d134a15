/**
 * Ingestion and requests share one thread. Pending requests are counted, and long work yields to the event loop between its steps while there are any: a chain of promises
 * delays every request until its end, and the commit of a block of 25,000 events is 15 to 40 ms of it. Without pending requests the writer does not pause, as the store would
 * pause with it.
 */
export class EventLoopYielder {
  #trackedCount = 0

  /** Counts a pending request while the task runs. */
  async track<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#trackedCount++
    try {
      return await task()
    } finally {
      this.#trackedCount--
    }
  }

  /** Whether a request is pending. */
  get isBusy(): boolean {
    return this.#trackedCount > 0
  }

  /** Resolves in a later turn of the event loop; undefined while no request is pending. */
  yieldIfBusy(): Promise<void> | undefined {
    return this.#trackedCount > 0 ? new Promise((resolve) => setTimeout(resolve, 0)) : undefined
  }
}

/** Admits a limited number of callers per turn of the event loop, in the order of their calls; the others wait for later turns. */
export class PerTurnGate {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []
  #remainingInTurn: number
  #isTurnEndScheduled = false

  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#remainingInTurn = perTurn
  }

  /** Resolves when the caller is admitted; undefined when it is admitted in this turn. */
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

/** The approximate time for which one slice of long work blocks the event loop. */
const SLICE_MS = 8
/** The pause between two slices, so that the second one begins in a later turn. */
const PAUSE_MS = 1
/** Longer than the pause: after a slice of one task, waiting tasks get theirs first. */
const PAUSE_AFTER_SLICE_MS = 3

/**
 * When the next slice of any task may begin: concurrent tasks must not block the loop for several slices in one turn. It is a number, not a queue, and every task polls it
 * with its own timer: on an edge runtime a request can be dropped at any time, and a dropped request must not stall the tasks behind it.
 */
let nextSliceAt = 0

/** Divides one long task into slices, between which the event loop serves other work. One instance per task. */
export class TimeSlices {
  readonly #sliceMs: number
  #endsAt = 0

  /** Longer slices are for work that others wait for: a turn of a busy event loop can take much longer than a slice. */
  constructor(sliceMs = SLICE_MS) {
    this.#sliceMs = sliceMs
  }

  /** To be awaited between two steps of the task. Undefined during a slice; after it, a promise that resolves in a later turn of the event loop, when no other task has a slice. */
  yieldIfExpired(): Promise<void> | undefined {
    return performance.now() < this.#endsAt ? undefined : this.#beginSlice()
  }

  async #beginSlice(): Promise<void> {
    const hadSlice = this.#endsAt > 0
    if (hadSlice) nextSliceAt = performance.now() + PAUSE_MS
    await delay(hadSlice ? PAUSE_AFTER_SLICE_MS : 0)
    while (performance.now() < nextSliceAt) await delay(0)
    this.#endsAt = performance.now() + this.#sliceMs
    nextSliceAt = this.#endsAt + PAUSE_MS
  }
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

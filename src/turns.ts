/**
 * The one thread that ingestion and requests share: who waits for an answer is counted, and long work lets them in between two of its pieces. A chain of promises keeps
 * everybody waiting until its end: a block of 25,000 events is a quarter of a second of it. While nobody waits nothing is given away, as every pause of the writer is
 * one of the store.
 */
export class Turns {
  #waiting = 0

  /** Somebody waits for an answer while the task runs. */
  async serve<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#waiting++
    try {
      return await task()
    } finally {
      this.#waiting--
    }
  }

  /** Resolves in a later turn of the event loop; undefined while nobody waits. */
  give(): Promise<void> | undefined {
    return this.#waiting > 0 ? new Promise((resolve) => setTimeout(resolve, 0)) : undefined
  }
}

/** Lets so many through in one turn of the event loop, in the order they came; the rest wait for later turns. */
export class TurnGate {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []
  #leftInTurn: number
  #isTurnEnding = false

  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#leftInTurn = perTurn
  }

  /** Resolves when the caller may go through; undefined when it may in this turn. */
  pass(): Promise<void> | undefined {
    if (this.#leftInTurn === 0) return this.passLater()
    this.#leftInTurn--
    this.#endTurnLater()
    return undefined
  }

  /** The same, in a later turn at any rate. */
  passLater(): Promise<void> {
    this.#endTurnLater()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #endTurnLater(): void {
    if (this.#isTurnEnding) return
    this.#isTurnEnding = true
    setTimeout(() => {
      this.#isTurnEnding = false
      const next = this.#waiting.splice(0, this.#perTurn)
      this.#leftInTurn = this.#perTurn - next.length
      if (next.length > 0) this.#endTurnLater()
      for (const resolve of next) resolve()
    }, 0)
  }
}

/** A piece of long work holds the event loop for about so long. */
const SLICE_MS = 8
/** All long tasks together: many of them at once must not hold the loop for as many slices. */
const slicesOfAll = new TurnGate(1)

/** Divides one long task into slices: between two of them the event loop serves everybody else. One for each task. */
export class Slices {
  #endsAt = 0

  /** To be awaited between two steps of the task: undefined while the slice lasts, then a promise that resolves in a later turn of the event loop, when the task has its turn. */
  next(): Promise<void> | undefined {
    if (performance.now() < this.#endsAt) return undefined
    return this.#begin()
  }

  async #begin(): Promise<void> {
    await slicesOfAll.passLater()
    this.#endsAt = performance.now() + SLICE_MS
  }
}

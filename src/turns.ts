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

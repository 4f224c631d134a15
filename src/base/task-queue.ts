/** Runs tasks one after the other, in the order of the calls. */
export class TaskQueue {
  #last: Promise<void> = Promise.resolve()

  /** Resolves or rejects as the task does. A rejection does not affect later tasks. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    const previous = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await previous
    try {
      return await task()
    } finally {
      resolve()
    }
  }

  /** Resolves when all tasks of earlier calls have ended. */
  ended(): Promise<void> {
    return this.#last
  }
}

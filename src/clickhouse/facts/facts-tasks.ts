/** The tasks that change the facts of messages: one at a time, since each reads rows before it replaces them. */
export class FactsTasks {
  readonly #fence: () => Promise<void>
  #last: Promise<unknown> = Promise.resolve()
  #isOutcomeKnown = true

  /** `fence` resolves when no earlier write can take effect any more. */
  constructor(fence: () => Promise<void>) {
    this.#fence = fence
  }

  /** Runs the task after the earlier ones. After one that failed, the store is fenced first: a late write of it would count its messages twice. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(async () => {
      if (!this.#isOutcomeKnown) await this.#fence()
      this.#isOutcomeKnown = false
      const value = await task()
      this.#isOutcomeKnown = true
      return value
    })
    this.#last = result.catch(() => {})
    return result
  }
}

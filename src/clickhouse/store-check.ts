import { type Clock, sleep } from '../clock.ts'
import type { Store } from './connect.ts'

const INTERVAL_MS = 5_000

/** Asks the store again and again whether it answers, for readiness. */
export class StoreCheck {
  readonly #store: Store
  readonly #clock: Clock
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  /** What was wrong at the last check, in words fit for anyone; undefined when nothing was. */
  problem: string | undefined = 'not checked yet'

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        await this.#store.ping()
        this.problem = undefined
      } catch {
        this.problem = 'the last check failed'
      }
      await sleep(this.#clock, INTERVAL_MS, signal)
    }
  }
}

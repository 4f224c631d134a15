import { type Clock, sleep } from '../../base/clock.ts'
import type { ReadStore } from './store-connection.ts'

const INTERVAL_MS = 5_000
/** A store without an answer within this time counts as unavailable. */
const TIMEOUT_MS = 5_000

/** Pings the store periodically and on demand; readiness depends on the result. */
export class StoreHealthCheck {
  readonly #store: Pick<ReadStore, 'ping'>
  readonly #clock: Clock
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  /** The problem that the last check found, without internal details; undefined when there was none. */
  problem: string | undefined = 'not checked yet'

  constructor(store: Pick<ReadStore, 'ping'>, clock: Clock) {
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

  /** Pings once. */
  async check(): Promise<void> {
    const ping = this.#store.ping().then(
      () => undefined,
      () => 'the last check failed',
    )
    const timeout = sleep(this.#clock, TIMEOUT_MS, this.#stopped.signal).then(() => 'the last check got no answer')
    this.problem = await Promise.race([ping, timeout])
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await this.check()
      await sleep(this.#clock, INTERVAL_MS, signal)
    }
  }
}

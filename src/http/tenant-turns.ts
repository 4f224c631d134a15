import type { Clock } from '../clock.ts'
import { LimitFailure } from '../errors.ts'
import type { Gauge } from '../telemetry.ts'

const MAX_WAIT_MS = 10_000
const RETRY_SECONDS = 1

interface TenantTurnsOptions {
  /** So many requests of a tenant run at once. */
  readonly atOnce: number
  /** So many more of them wait for their turn. */
  readonly maxWaiting: number
  readonly clock: Clock
  /** Shows how many wait. */
  readonly waiting?: Gauge
}

interface Turns {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * So many requests of a tenant run at once, the next wait a bounded time in the order they came, the rest are refused with a LimitFailure. Waiting rather than refusing: a client
 * that asks again as soon as it is refused costs more than one that waits.
 */
export class TenantTurns {
  readonly #options: TenantTurnsOptions
  readonly #tenants = new Map<string, Turns>()
  #waitingCount = 0

  constructor(options: TenantTurnsOptions) {
    this.#options = options
  }

  async run<Result>(tenantId: string, task: () => Promise<Result>): Promise<Result> {
    let turns = this.#tenants.get(tenantId)
    if (!turns) this.#tenants.set(tenantId, (turns = { running: 0, waiting: new Set() }))
    if (turns.running < this.#options.atOnce) turns.running++
    else await this.#wait(turns)
    try {
      return await task()
    } finally {
      const [next] = turns.waiting
      // The turn goes on to the next without being given back, so that nobody comes between.
      if (next) next()
      else if (--turns.running === 0) this.#tenants.delete(tenantId)
    }
  }

  #wait(turns: Turns): Promise<void> {
    const { clock, maxWaiting } = this.#options
    if (turns.waiting.size >= maxWaiting)
      return Promise.reject(new LimitFailure('concurrency', 'Too many requests at once.', RETRY_SECONDS))
    return new Promise((resolve, reject) => {
      const leave = () => {
        turns.waiting.delete(enter)
        this.#count(-1)
      }
      const enter = () => {
        cancel()
        leave()
        resolve()
      }
      const cancel = clock.after(MAX_WAIT_MS, () => {
        leave()
        reject(new LimitFailure('concurrency', 'Too many requests at once: timed out waiting.', RETRY_SECONDS))
      })
      turns.waiting.add(enter)
      this.#count(1)
    })
  }

  #count(change: 1 | -1): void {
    this.#waitingCount += change
    this.#options.waiting?.set(this.#waitingCount)
  }
}

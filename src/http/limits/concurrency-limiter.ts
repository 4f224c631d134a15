import type { Clock } from '../../base/clock.ts'
import { LimitFailure } from '../../base/errors.ts'
import type { Gauge } from '../../base/prometheus.ts'

const MAX_WAIT_MS = 10_000
const RETRY_SECONDS = 1

interface ConcurrencyLimiterOptions {
  /** Requests of a tenant that may run at the same time. */
  readonly maxConcurrent: number
  /** Further requests of a tenant that may wait. */
  readonly maxWaiting: number
  readonly clock: Clock
  /** Set to the number of waiting requests of all tenants. */
  readonly waitingGauge?: Gauge
}

interface TenantSlots {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * Limits how many tasks of a tenant run at the same time. Further tasks wait in their order for a bounded time, and the rest are refused with a LimitFailure. Waiting comes before
 * refusing, because a client that repeats a refused request at once costs more than one that waits.
 */
export class ConcurrencyLimiter {
  readonly #options: ConcurrencyLimiterOptions
  readonly #tenants = new Map<string, TenantSlots>()
  #waitingCount = 0

  constructor(options: ConcurrencyLimiterOptions) {
    this.#options = options
  }

  async run<Result>(tenantId: string, task: () => Promise<Result>): Promise<Result> {
    let slots = this.#tenants.get(tenantId)
    if (!slots) this.#tenants.set(tenantId, (slots = { running: 0, waiting: new Set() }))
    if (slots.running < this.#options.maxConcurrent) slots.running++
    else await this.#wait(slots)
    try {
      return await task()
    } finally {
      const [next] = slots.waiting
      // The slot passes directly to the next waiting task, so that no later task can take it.
      if (next) next()
      else if (--slots.running === 0) this.#tenants.delete(tenantId)
    }
  }

  #wait(slots: TenantSlots): Promise<void> {
    const { clock, maxWaiting } = this.#options
    if (slots.waiting.size >= maxWaiting)
      return Promise.reject(new LimitFailure('concurrency', 'Too many requests at once.', RETRY_SECONDS))
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        slots.waiting.delete(proceed)
        this.#changeWaitingCount(-1)
      }
      const proceed = () => {
        cancelTimeout()
        stopWaiting()
        resolve()
      }
      const cancelTimeout = clock.after(MAX_WAIT_MS, () => {
        stopWaiting()
        reject(new LimitFailure('concurrency', 'Too many requests at once: timed out waiting.', RETRY_SECONDS))
      })
      slots.waiting.add(proceed)
      this.#changeWaitingCount(1)
    })
  }

  #changeWaitingCount(change: 1 | -1): void {
    this.#waitingCount += change
    this.#options.waitingGauge?.set(this.#waitingCount)
  }
}

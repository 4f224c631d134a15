import type { Clock } from '../../base/clock.ts'
import { LimitFailure } from '../../base/errors.ts'
import type { Gauge } from '../../base/prometheus.ts'

const MAX_WAIT_MS = 10_000
const RETRY_SECONDS = 1

interface ConcurrencyLimiterOptions {
  /** So many requests of a tenant run at once. */
  readonly maxConcurrent: number
  /** So many more of them wait for their turn. */
  readonly maxWaiting: number
  readonly clock: Clock
  /** Shows how many wait. */
  readonly waitingGauge?: Gauge
}

interface TenantSlots {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * So many requests of a tenant run at once, the next wait a bounded time in the order they came, the rest are refused with a LimitFailure. Waiting rather than refusing: a client
 * that asks again as soon as it is refused costs more than one that waits.
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
      // The turn goes on to the next without being given back, so that nobody comes between.
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

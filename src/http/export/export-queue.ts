import type { Clock } from '../../base/clock.ts'
import { ApiFailure, LimitFailure } from '../../base/errors.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { ConcurrencyLimiter } from '../limits/concurrency-limiter.ts'

/** Requests of one tenant that wait while a file of the tenant is written. A client that is refused and repeats its request at once costs more than one that waits. */
const MAX_WAITING_PER_TENANT = 32
/** One file is read from the store while another one is written. */
const MAX_CONCURRENT = 2
const MAX_WAITING = 64
const ALL_TENANTS = ''

/**
 * Limits the files that are made at the same time, from the query to the last byte: one per tenant, and a few in all. This bounds the memory that files take. Further
 * requests of a tenant wait; too many of them are refused with a LimitFailure. When too many requests of all tenants wait, further ones are refused with an ApiFailure.
 */
export class ExportQueue {
  readonly #tenantLimiter: ConcurrencyLimiter
  readonly #globalLimiter: ConcurrencyLimiter

  constructor({ clock, metrics }: { readonly clock: Clock; readonly metrics: ServiceMetrics }) {
    const waiting = metrics.exportsWaiting
    this.#tenantLimiter = new ConcurrencyLimiter({
      maxConcurrent: 1,
      maxWaiting: MAX_WAITING_PER_TENANT,
      clock,
      waitingGauge: waiting,
    })
    this.#globalLimiter = new ConcurrencyLimiter({ maxConcurrent: MAX_CONCURRENT, maxWaiting: MAX_WAITING, clock })
  }

  run<Result>(tenantId: string, task: () => Promise<Result>): Promise<Result> {
    return this.#tenantLimiter.run(tenantId, async () => {
      let isRunning = false
      try {
        return await this.#globalLimiter.run(ALL_TENANTS, () => {
          isRunning = true
          return task()
        })
      } catch (error) {
        if (isRunning || !(error instanceof LimitFailure)) throw error
        throw new ApiFailure('UNAVAILABLE', 'Too many files are being written. Try again later.', [], error)
      }
    })
  }
}

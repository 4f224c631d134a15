import type { Clock } from '../../base/clock.ts'
import { ApiFailure, LimitFailure } from '../../base/errors.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { ConcurrencyLimiter } from '../limits/concurrency-limiter.ts'

/** Files of one tenant that wait behind the one that is written: a client that is refused and asks again at once costs more than one that waits. */
const MAX_WAITING_PER_TENANT = 32
/** One is read from the store while another one is written. */
const MAX_CONCURRENT = 2
const MAX_WAITING = 64
const ALL_TENANTS = ''

/**
 * Files are made one at a time for each tenant and a few at a time in all, from reading the store to the last byte: what is held in memory for files is bounded by that.
 * A tenant that asks for more at once waits and is then refused with a LimitFailure; when too many tenants ask, with an ApiFailure.
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

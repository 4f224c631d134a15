import type { Clock } from '../../clock.ts'
import { ApiFailure, LimitFailure } from '../../errors.ts'
import type { Metrics } from '../../metrics.ts'
import { TenantTurns } from '../tenant-turns.ts'

/** Files of one tenant that wait behind the one that is written: a client that is refused and asks again at once costs more than one that waits. */
const MAX_WAITING_OF_A_TENANT = 32
/** One is read from the store while another one is written. */
const AT_ONCE = 2
const MAX_WAITING = 64
const EVERYBODY = ''

/**
 * Files are made one at a time for each tenant and a few at a time in all, from reading the store to the last byte: what is held in memory for files is bounded by that.
 * A tenant that asks for more at once waits and is then refused with a LimitFailure; when too many tenants ask, with an ApiFailure.
 */
export class FileQueue {
  readonly #ofTenant: TenantTurns
  readonly #ofAll: TenantTurns

  constructor({ clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics }) {
    const waiting = metrics.filesWaiting
    this.#ofTenant = new TenantTurns({ atOnce: 1, maxWaiting: MAX_WAITING_OF_A_TENANT, clock, waiting })
    this.#ofAll = new TenantTurns({ atOnce: AT_ONCE, maxWaiting: MAX_WAITING, clock })
  }

  run<Result>(tenantId: string, task: () => Promise<Result>): Promise<Result> {
    return this.#ofTenant.run(tenantId, async () => {
      let isRunning = false
      try {
        return await this.#ofAll.run(EVERYBODY, () => {
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

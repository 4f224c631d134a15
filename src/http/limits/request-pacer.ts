import { type Clock, sleep } from '../../base/clock.ts'

/** So many requests a second a crowd gets through: a part of what one processor can look at, and far more than the store can answer. */
const PACED_REQUESTS_PER_SECOND = 1_000

interface TenantLoad {
  activeCount: number
  /** When the next one may go on, by the monotonic clock. */
  nextStartAt: number
}

/**
 * Slows down a tenant that has more requests under way than it needs, whether the store is asked, memory, or nothing at all because they are refused: one thread looks at all
 * requests, and 200 connections that ask again as soon as they are answered would keep it busy. Whoever asks one thing after the other never waits.
 */
export class RequestPacer {
  readonly #options: { readonly unpaced: number; readonly clock: Clock }
  readonly #loads = new Map<string, TenantLoad>()

  /** So many requests of a tenant at once are no crowd. */
  constructor(options: { unpaced: number; clock: Clock }) {
    this.#options = options
  }

  /** A request of the tenant is there, until what is returned is called. */
  track(tenantId: string): () => void {
    let load = this.#loads.get(tenantId)
    if (!load) this.#loads.set(tenantId, (load = { activeCount: 0, nextStartAt: 0 }))
    load.activeCount++
    return () => {
      if (--load.activeCount === 0) this.#loads.delete(tenantId)
    }
  }

  /** Resolves when a request that entered may go on. */
  async wait(tenantId: string): Promise<void> {
    const { unpaced, clock } = this.#options
    const load = this.#loads.get(tenantId)
    if (!load || load.activeCount <= unpaced) return
    const now = clock.monotonic()
    load.nextStartAt = Math.max(now, load.nextStartAt) + 1_000 / PACED_REQUESTS_PER_SECOND
    await sleep(clock, load.nextStartAt - now)
  }
}

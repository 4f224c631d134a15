import { type Clock, sleep } from '../../base/clock.ts'

/** The rate of a tenant that is paced: a part of what one processor can handle, and far more than the store can serve. */
const PACED_REQUESTS_PER_SECOND = 1_000

interface TenantLoad {
  activeCount: number
  /** When the next paced request may start, by the monotonic clock. */
  nextStartAt: number
}

/**
 * Gives each tenant a fair share of the event loop: slows down a tenant with many requests in progress, whether they are answered by the store, from the cache, or refused. One
 * thread handles all requests, and 200 connections of one tenant that send request after request would occupy it. A client that sends one request at a time never waits.
 */
export class RequestPacer {
  readonly #options: { readonly unpaced: number; readonly clock: Clock }
  readonly #loads = new Map<string, TenantLoad>()

  /** `unpaced` requests of a tenant may be in progress before it is paced. */
  constructor(options: { unpaced: number; clock: Clock }) {
    this.#options = options
  }

  /** Counts a request of the tenant as in progress, until the returned function is called. */
  track(tenantId: string): () => void {
    let load = this.#loads.get(tenantId)
    if (!load) this.#loads.set(tenantId, (load = { activeCount: 0, nextStartAt: 0 }))
    load.activeCount++
    return () => {
      if (--load.activeCount === 0) this.#loads.delete(tenantId)
    }
  }

  /** Resolves when a tracked request may start. */
  async wait(tenantId: string): Promise<void> {
    const { unpaced, clock } = this.#options
    const load = this.#loads.get(tenantId)
    if (!load || load.activeCount <= unpaced) return
    const now = clock.monotonic()
    load.nextStartAt = Math.max(now, load.nextStartAt) + 1_000 / PACED_REQUESTS_PER_SECOND
    await sleep(clock, load.nextStartAt - now)
  }
}

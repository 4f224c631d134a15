import { type Clock, sleep } from '../clock.ts'

/** So many requests a second a crowd gets through: a part of what one processor can look at, and far more than the store can answer. */
const CROWD_PER_SECOND = 1_000

interface Crowd {
  present: number
  /** When the next one may go on, by the monotonic clock. */
  nextAt: number
}

/**
 * Slows down a tenant that has more requests under way than it needs, whether the store is asked, memory, or nothing at all because they are refused: one thread looks at all
 * requests, and 200 connections that ask again as soon as they are answered would keep it busy. Whoever asks one thing after the other never waits.
 */
export class TenantPace {
  readonly #options: { readonly unpaced: number; readonly clock: Clock }
  readonly #crowds = new Map<string, Crowd>()

  /** So many requests of a tenant at once are no crowd. */
  constructor(options: { unpaced: number; clock: Clock }) {
    this.#options = options
  }

  /** A request of the tenant is there, until what is returned is called. */
  enter(tenantId: string): () => void {
    let crowd = this.#crowds.get(tenantId)
    if (!crowd) this.#crowds.set(tenantId, (crowd = { present: 0, nextAt: 0 }))
    crowd.present++
    return () => {
      if (--crowd.present === 0) this.#crowds.delete(tenantId)
    }
  }

  /** Resolves when a request that entered may go on. */
  async wait(tenantId: string): Promise<void> {
    const { unpaced, clock } = this.#options
    const crowd = this.#crowds.get(tenantId)
    if (!crowd || crowd.present <= unpaced) return
    const now = clock.monotonic()
    crowd.nextAt = Math.max(now, crowd.nextAt) + 1_000 / CROWD_PER_SECOND
    await sleep(clock, crowd.nextAt - now)
  }
}

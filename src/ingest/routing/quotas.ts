import type { Clock } from '../../base/clock.ts'

/** A tenant that was quiet may send so many seconds' worth at once. */
const BURST_SECONDS = 2
/** Delayed events go on in portions of so many seconds' worth: the broker is asked for each portion. */
const PORTION_SECONDS = 0.25
/** Tenants whose bucket is full again are forgotten whenever so many have come. */
const SWEEP_AT = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

export interface QuotasOptions {
  /** Events a second any tenant may store; 0 = as many as it likes. */
  readonly eventsPerSecond: number
  /** Other rates, by tenant. */
  readonly byTenant: ReadonlyMap<string, number>
  readonly clock: Clock
}

/**
 * How many events a second a tenant may store: a token bucket each. What is over it is delayed. While a tenant has delayed events, its new ones are delayed behind
 * them: otherwise the newest would pass for ever while the oldest wait.
 */
export class Quotas {
  readonly #options: QuotasOptions
  readonly #buckets = new Map<string, Bucket>()
  readonly #deferredTenants = new Set<string>()
  #sweepAt = SWEEP_AT

  constructor(options: QuotasOptions) {
    this.#options = options
  }

  /** Takes a token for an event that comes from its producer; false = it has to be delayed. */
  admits(tenantId: string): boolean {
    const rate = this.#rateOf(tenantId)
    if (rate === 0) return true
    if (!this.#deferredTenants.has(tenantId)) {
      const bucket = this.#fill(tenantId, rate)
      if (bucket.tokens >= 1) {
        bucket.tokens--
        return true
      }
      this.#deferredTenants.add(tenantId)
    }
    return false
  }

  /** How many delayed events of a tenant may go on now; 0 until it is a portion. */
  available(tenantId: string): number {
    const rate = this.#rateOf(tenantId)
    if (rate === 0) return Infinity
    const { tokens } = this.#fill(tenantId, rate)
    return tokens < Math.max(1, rate * PORTION_SECONDS) ? 0 : Math.floor(tokens)
  }

  /** A delayed event went on. */
  spend(tenantId: string): void {
    const rate = this.#rateOf(tenantId)
    if (rate > 0) this.#fill(tenantId, rate).tokens--
  }

  /** A tenant has delayed events, or none any more. */
  setDeferred(tenantId: string, isDeferred: boolean): void {
    if (isDeferred) this.#deferredTenants.add(tenantId)
    else this.#deferredTenants.delete(tenantId)
  }

  #rateOf(tenantId: string): number {
    const { eventsPerSecond, byTenant } = this.#options
    return byTenant.get(tenantId) ?? eventsPerSecond
  }

  #fill(tenantId: string, rate: number): Bucket {
    const now = this.#options.clock.monotonic()
    const full = Math.max(1, rate * BURST_SECONDS)
    let bucket = this.#buckets.get(tenantId)
    if (!bucket) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep(now)
      this.#buckets.set(tenantId, (bucket = { tokens: full, filledAt: now }))
    }
    bucket.tokens = Math.min(full, bucket.tokens + ((now - bucket.filledAt) / 1_000) * rate)
    bucket.filledAt = now
    return bucket
  }

  /** A bucket that nobody touched for as long as it takes to fill is as good as a new one. */
  #sweep(now: number): void {
    for (const [tenantId, { filledAt }] of this.#buckets)
      if (now - filledAt > BURST_SECONDS * 1_000) this.#buckets.delete(tenantId)
    // Looking at all of them for each new one would cost more the more there are.
    this.#sweepAt = this.#buckets.size + SWEEP_AT
  }
}

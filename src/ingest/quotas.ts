import type { Clock } from '../base/clock.ts'

/** The burst of an idle tenant, in seconds of its rate. */
const BURST_SECONDS = 2
/** Deferred events are pulled in portions, in seconds of the rate: each portion is a request to the broker. */
const PORTION_SECONDS = 0.25
/** Each time this many buckets were added, full ones are removed. */
const SWEEP_AT = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

export interface QuotasOptions {
  /** Events per second of each tenant; 0 = unlimited. */
  readonly eventsPerSecond: number
  /** Rates of single tenants that differ. */
  readonly byTenant: ReadonlyMap<string, number>
  readonly clock: Clock
}

/**
 * The quotas of the tenants in events per second, as token buckets. Events over the quota are deferred. While a tenant has deferred events, its new ones are deferred
 * behind them: otherwise new events would be stored while the oldest wait for ever.
 */
export class Quotas {
  readonly #options: QuotasOptions
  readonly #buckets = new Map<string, Bucket>()
  readonly #deferredTenants = new Set<string>()
  #sweepAt = SWEEP_AT

  constructor(options: QuotasOptions) {
    this.#options = options
  }

  /** Takes a token for an event that was not deferred before; false = it has to be deferred. */
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

  /** The number of deferred events of a tenant that may be processed now; 0 until it is a portion. */
  available(tenantId: string): number {
    const rate = this.#rateOf(tenantId)
    if (rate === 0) return Infinity
    const { tokens } = this.#fill(tenantId, rate)
    return tokens < Math.max(1, rate * PORTION_SECONDS) ? 0 : Math.floor(tokens)
  }

  /** Takes a token without a condition: a deferred event is processed. */
  spend(tenantId: string): void {
    const rate = this.#rateOf(tenantId)
    if (rate > 0) this.#fill(tenantId, rate).tokens--
  }

  /** Sets whether a tenant has deferred events. */
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

  /** A bucket that was unused for as long as it takes to fill equals a new one. */
  #sweep(now: number): void {
    for (const [tenantId, { filledAt }] of this.#buckets)
      if (now - filledAt > BURST_SECONDS * 1_000) this.#buckets.delete(tenantId)
    // The threshold moves: a sweep for each new bucket would take time proportional to their number.
    this.#sweepAt = this.#buckets.size + SWEEP_AT
  }
}

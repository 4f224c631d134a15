import type { Clock } from '../../base/clock.ts'

interface Bucket {
  tokens: number
  filledAt: number
}

export interface TokenBucketsOptions {
  readonly tokensPerSecond: number
  /** What a full bucket holds: so much may be taken at once. */
  readonly capacity: number
  /** Buckets kept at most; when there would be more, those touched longest ago are forgotten, as if they were full. */
  readonly maxBuckets: number
  readonly clock: Clock
}

/** A token bucket a key. Memory is bounded, whatever the keys are. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions
  /** The one touched longest ago first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: TokenBucketsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#buckets.size
  }

  /** How many tokens are left; fewer than none where more was spent. */
  remaining(key: string): number {
    const bucket = this.#buckets.get(key)
    return bucket ? this.#refilledTokens(bucket) : this.#options.capacity
  }

  /** Takes tokens if there are as many; whether it did. */
  tryTake(key: string, tokens: number): boolean {
    const left = this.remaining(key)
    if (left < tokens) return false
    this.#set(key, left - tokens)
    return true
  }

  /** Takes tokens whether there are as many or not. A bucket owes what it holds when full, at most. */
  spend(key: string, tokens: number): void {
    this.#set(key, Math.max(-this.#options.capacity, this.remaining(key) - tokens))
  }

  /** Seconds until so many tokens are left. */
  secondsUntil(key: string, tokens: number): number {
    return Math.max(0, tokens - this.remaining(key)) / this.#options.tokensPerSecond
  }

  #refilledTokens({ tokens, filledAt }: Bucket): number {
    const { tokensPerSecond, capacity, clock } = this.#options
    return Math.min(capacity, tokens + ((clock.monotonic() - filledAt) / 1_000) * tokensPerSecond)
  }

  #set(key: string, tokens: number): void {
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens, filledAt: this.#options.clock.monotonic() })
    if (this.#buckets.size <= this.#options.maxBuckets) return
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest)
      return
    }
  }
}

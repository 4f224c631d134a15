import type { Clock } from '../../base/clock.ts'

interface Bucket {
  tokens: number
  filledAt: number
}

export interface TokenBucketsOptions {
  readonly tokensPerSecond: number
  /** The tokens of a full bucket, which may be taken at once. */
  readonly capacity: number
  /** The most buckets that are kept. Beyond it, the least recently used bucket is dropped, which counts as full. */
  readonly maxBuckets: number
  readonly clock: Clock
}

/** One token bucket per key, in bounded memory. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: TokenBucketsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#buckets.size
  }

  /** The tokens that are left; negative when more were spent. */
  remaining(key: string): number {
    const bucket = this.#buckets.get(key)
    return bucket ? this.#refilledTokens(bucket) : this.#options.capacity
  }

  /** Takes the tokens if there are enough. Returns whether it did. */
  tryTake(key: string, tokens: number): boolean {
    const left = this.remaining(key)
    if (left < tokens) return false
    this.#set(key, left - tokens)
    return true
  }

  /** Takes the tokens even when there are not enough. The debt of a bucket is at most its capacity. */
  spend(key: string, tokens: number): void {
    this.#set(key, Math.max(-this.#options.capacity, this.remaining(key) - tokens))
  }

  /** Seconds until the bucket holds this many tokens. */
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

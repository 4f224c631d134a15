import { type Clock, sleep } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import { hashSecret, isEqualInConstantTime, parseApiKey } from './api-key.ts'
import type { ApiKeySource, StoredApiKey } from '../ports.ts'

/** How long the result of a lookup is used: a revoked key works no longer than that. */
const CACHE_LIFETIME_MS = 2_000
const MAX_CACHED_KEYS = 10_000
/** The most keys that one query looks up. */
const MAX_KEYS_PER_LOOKUP = 1_000
const LOOKUP_TIMEOUT_MS = 5_000

interface CachedLookup {
  /** Undefined when there is no such key. */
  readonly key: StoredApiKey | undefined
  /** By the monotonic clock. */
  readonly until: number
}

/** The keys that the next query looks up. */
interface LookupBatch {
  readonly ids: Set<string>
  readonly found: Promise<ReadonlyMap<string, StoredApiKey>>
}

/**
 * Checks API keys. The result of a lookup is cached for a short time, also when there is no such key. Lookups are batched into one query at a time, so that guessed keys put
 * little load on the store, however many they are.
 */
export class ApiKeyCache {
  readonly #source: ApiKeySource
  readonly #clock: Clock
  /** Separate from the missing keys, so that guesses cannot evict an existing key. */
  readonly #existing = new Map<string, CachedLookup>()
  readonly #missing = new Map<string, CachedLookup>()
  #nextBatch: LookupBatch | undefined
  #lastLookup: Promise<unknown> = Promise.resolve()

  constructor(source: ApiKeySource, clock: Clock) {
    this.#source = source
    this.#clock = clock
  }

  /**
   * The stored key; undefined when the text is not a key, or the key is unknown, has another secret, is revoked or has expired. Rejects with UNAVAILABLE when the store does not
   * respond: a valid key is never reported as invalid.
   */
  async find(text: string): Promise<StoredApiKey | undefined> {
    const presented = parseApiKey(text)
    if (!presented) return undefined
    const key = await this.#keyOf(presented.id)
    const hash = await hashSecret(presented.secret)
    if (!key || !isEqualInConstantTime(hash, key.secretHash)) return undefined
    return (key.expiresAt ?? Infinity) > this.#clock.now() ? key : undefined
  }

  async #keyOf(id: string): Promise<StoredApiKey | undefined> {
    const cached = this.#existing.get(id) ?? this.#missing.get(id)
    if (cached && cached.until > this.#clock.monotonic()) return cached.key
    const startedAt = this.#clock.monotonic()
    const key = (await this.#lookUp(id)).get(id)
    const [target, other] = key ? [this.#existing, this.#missing] : [this.#missing, this.#existing]
    other.delete(id)
    if (target.size >= MAX_CACHED_KEYS) target.clear()
    target.set(id, { key, until: startedAt + CACHE_LIFETIME_MS })
    return key
  }

  #lookUp(id: string): LookupBatch['found'] {
    const batch = (this.#nextBatch ??= this.#scheduleBatch())
    if (batch.ids.size >= MAX_KEYS_PER_LOOKUP) return Promise.reject(unavailable())
    batch.ids.add(id)
    return batch.found
  }

  /** A batch starts when the previous one has finished, with all keys that were requested by then. */
  #scheduleBatch(): LookupBatch {
    const ids = new Set<string>()
    const found = this.#lastLookup.then(() => {
      this.#nextBatch = undefined
      return this.#queryStore([...ids])
    })
    this.#lastLookup = found.catch(() => {})
    return { ids, found }
  }

  async #queryStore(ids: readonly string[]): Promise<ReadonlyMap<string, StoredApiKey>> {
    const finished = new AbortController()
    const timeout = sleep(this.#clock, LOOKUP_TIMEOUT_MS, finished.signal).then(() => {
      throw unavailable()
    })
    timeout.catch(() => {})
    try {
      const keys = await Promise.race([this.#source.find(ids), timeout])
      return new Map(keys.map((key) => [key.id, key]))
    } catch (error) {
      throw error instanceof ApiFailure ? error : unavailable(error)
    } finally {
      finished.abort()
    }
  }
}

function unavailable(cause?: unknown): ApiFailure {
  return new ApiFailure('UNAVAILABLE', 'API keys cannot be checked right now. Try again shortly.', [], cause)
}

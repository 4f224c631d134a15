import { type Clock, sleep } from '../clock.ts'
import { ApiFailure } from '../errors.ts'
import { hashOfSecret, isEqualInConstantTime, readApiKey } from './api-key.ts'
import type { ApiKeySource, KeptApiKey } from './ports.ts'

/** So long an answer of the store is believed: a revoked key works no longer than that. */
const REMEMBERED_MS = 2_000
const MAX_REMEMBERED = 10_000
/** So many keys are looked up by one query. */
const MAX_WANTED = 1_000
const LOOKUP_TIMEOUT_MS = 5_000

interface Remembered {
  /** Undefined: there is no such key. */
  readonly key: KeptApiKey | undefined
  /** Epoch milliseconds. */
  readonly until: number
}

/** The keys that the next query asks for. */
interface Round {
  readonly ids: Set<string>
  readonly found: Promise<ReadonlyMap<string, KeptApiKey>>
}

/**
 * Checks API keys. What the store said of one is remembered for a moment, that there is none too; what has to be asked is asked by one query at a time for all who
 * wait, so that however many keys are guessed, the store has little to do.
 */
export class ApiKeyRing {
  readonly #source: ApiKeySource
  readonly #clock: Clock
  /** Apart, so that guesses push no good key out. */
  readonly #known = new Map<string, Remembered>()
  readonly #unknown = new Map<string, Remembered>()
  #round: Round | undefined
  #lastRound: Promise<unknown> = Promise.resolve()

  constructor(source: ApiKeySource, clock: Clock) {
    this.#source = source
    this.#clock = clock
  }

  /**
   * The key of that text; undefined when it is none, is not known, has another secret, is revoked or has expired. Rejects with UNAVAILABLE when the store cannot be
   * asked: a good key is never called a bad one.
   */
  async find(text: string): Promise<KeptApiKey | undefined> {
    const presented = readApiKey(text)
    if (!presented) return undefined
    const key = await this.#keyOf(presented.id)
    const hash = await hashOfSecret(presented.secret)
    if (!key || !isEqualInConstantTime(hash, key.secretHash)) return undefined
    return (key.expiresAt ?? Infinity) > this.#clock.now() ? key : undefined
  }

  async #keyOf(id: string): Promise<KeptApiKey | undefined> {
    const remembered = this.#known.get(id) ?? this.#unknown.get(id)
    if (remembered && remembered.until > this.#clock.monotonic()) return remembered.key
    const askedAt = this.#clock.monotonic()
    const key = (await this.#lookUp(id)).get(id)
    const [into, other] = key ? [this.#known, this.#unknown] : [this.#unknown, this.#known]
    other.delete(id)
    if (into.size >= MAX_REMEMBERED) into.clear()
    into.set(id, { key, until: askedAt + REMEMBERED_MS })
    return key
  }

  #lookUp(id: string): Round['found'] {
    const round = (this.#round ??= this.#planRound())
    if (round.ids.size >= MAX_WANTED) return Promise.reject(unavailable())
    round.ids.add(id)
    return round.found
  }

  /** A round begins when the last one has ended, with all that was wanted by then. */
  #planRound(): Round {
    const ids = new Set<string>()
    const found = this.#lastRound.then(() => {
      this.#round = undefined
      return this.#read([...ids])
    })
    this.#lastRound = found.catch(() => {})
    return { ids, found }
  }

  async #read(ids: readonly string[]): Promise<ReadonlyMap<string, KeptApiKey>> {
    const over = new AbortController()
    const timeout = sleep(this.#clock, LOOKUP_TIMEOUT_MS, over.signal).then(() => {
      throw unavailable()
    })
    timeout.catch(() => {})
    try {
      const keys = await Promise.race([this.#source.find(ids), timeout])
      return new Map(keys.map((key) => [key.id, key]))
    } catch (error) {
      throw error instanceof ApiFailure ? error : unavailable(error)
    } finally {
      over.abort()
    }
  }
}

function unavailable(cause?: unknown): ApiFailure {
  return new ApiFailure('UNAVAILABLE', 'API keys cannot be checked right now. Try again shortly.', [], cause)
}

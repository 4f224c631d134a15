import { byteLengthOf, type Chunks } from './sending/chunks.ts'

const MAX_BYTES = 16_777_216
/** A larger answer is not kept: it would throw out too many others. */
const MAX_BYTES_OF_ONE = MAX_BYTES / 4

export interface CachedAnswer {
  /** The dashboard's data, as JSON in UTF-8. */
  readonly json: Chunks
  /** When it was read, epoch milliseconds. */
  readonly readAt: number
}

interface Entry {
  readonly version: string
  readonly answer: Promise<CachedAnswer>
  /** 0 until it is there. */
  bytes: number
}

export interface AnswerCacheOptions {
  /** Whether those who ask for what is being read wait for that, instead of reading it as well; by default they do. */
  readonly sharesReads?: boolean
}

/**
 * Answers by tenant and question, the least recently used thrown out first. One that is asked for while it is being read is read once for all who ask: they share its
 * failure too, which is not kept. Where reads are not shared, each reads by itself until an answer is there.
 */
export class AnswerCache {
  readonly #sharesReads: boolean
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor({ sharesReads = true }: AnswerCacheOptions = {}) {
    this.#sharesReads = sharesReads
  }

  /** The answer of this version of the data. `isRead` tells whether `read` was called for it. */
  async get(
    tenantId: string,
    question: string,
    version: string,
    read: () => Promise<CachedAnswer>,
  ): Promise<CachedAnswer & { readonly isRead: boolean }> {
    // The tenant stands first, and no tenant's id holds a line break.
    const key = `${tenantId}\n${question}`
    const known = this.#entries.get(key)
    if (known?.version === version) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return { ...(await known.answer), isRead: false }
    }
    const entry: Entry = { version, answer: read(), bytes: 0 }
    if (this.#sharesReads) this.#enter(key, entry)
    try {
      const answer = await entry.answer
      if (!this.#sharesReads) this.#enter(key, entry)
      this.#weigh(key, entry, byteLengthOf(answer.json))
      return { ...answer, isRead: true }
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }

  #enter(key: string, entry: Entry): void {
    const known = this.#entries.get(key)
    if (known) this.#remove(key, known)
    this.#entries.set(key, entry)
  }

  #weigh(key: string, entry: Entry, bytes: number): void {
    // Another version may have taken its place meanwhile.
    if (this.#entries.get(key) !== entry) return
    if (bytes > MAX_BYTES_OF_ONE) return this.#remove(key, entry)
    // A key's characters are ASCII, mostly.
    entry.bytes = bytes + key.length
    this.#bytes += entry.bytes
    for (const [oldest, candidate] of this.#entries) {
      if (this.#bytes <= MAX_BYTES) return
      if (candidate.bytes > 0) this.#remove(oldest, candidate)
    }
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}

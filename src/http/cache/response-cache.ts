import { byteLengthOf, type Chunks } from '../sending/chunks.ts'

const MAX_BYTES = 16_777_216
/** A larger answer is not kept: it would throw out too many others. */
const MAX_ENTRY_BYTES = MAX_BYTES / 4

export interface CachedResponse {
  /** The dashboard's data, as JSON in UTF-8. */
  readonly json: Chunks
  /** When it was read, epoch milliseconds. */
  readonly readAt: number
}

interface CacheEntry {
  readonly version: string
  readonly response: Promise<CachedResponse>
  /** 0 until it is there. */
  bytes: number
}

export interface ResponseCacheOptions {
  /** Whether those who ask for what is being read wait for that, instead of reading it as well; by default they do. */
  readonly sharesReads?: boolean
}

/**
 * Answers by tenant and question, the least recently used thrown out first. One that is asked for while it is being read is read once for all who ask: they share its
 * failure too, which is not kept. Where reads are not shared, each reads by itself until an answer is there.
 */
export class ResponseCache {
  readonly #sharesReads: boolean
  readonly #entries = new Map<string, CacheEntry>()
  #bytes = 0

  constructor({ sharesReads = true }: ResponseCacheOptions = {}) {
    this.#sharesReads = sharesReads
  }

  /** The answer of this version of the data. `isRead` tells whether `read` was called for it. */
  async get(
    tenantId: string,
    queryKey: string,
    version: string,
    read: () => Promise<CachedResponse>,
  ): Promise<CachedResponse & { readonly isRead: boolean }> {
    // The tenant stands first, and no tenant's id holds a line break.
    const key = `${tenantId}\n${queryKey}`
    const existing = this.#entries.get(key)
    if (existing?.version === version) {
      this.#entries.delete(key)
      this.#entries.set(key, existing)
      return { ...(await existing.response), isRead: false }
    }
    const entry: CacheEntry = { version, response: read(), bytes: 0 }
    if (this.#sharesReads) this.#insert(key, entry)
    try {
      const response = await entry.response
      if (!this.#sharesReads) this.#insert(key, entry)
      this.#recordSize(key, entry, byteLengthOf(response.json))
      return { ...response, isRead: true }
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }

  #insert(key: string, entry: CacheEntry): void {
    const existing = this.#entries.get(key)
    if (existing) this.#remove(key, existing)
    this.#entries.set(key, entry)
  }

  #recordSize(key: string, entry: CacheEntry, bytes: number): void {
    // Another version may have taken its place meanwhile.
    if (this.#entries.get(key) !== entry) return
    if (bytes > MAX_ENTRY_BYTES) return this.#remove(key, entry)
    // A key's characters are ASCII, mostly.
    entry.bytes = bytes + key.length
    this.#bytes += entry.bytes
    for (const [oldest, candidate] of this.#entries) {
      if (this.#bytes <= MAX_BYTES) return
      if (candidate.bytes > 0) this.#remove(oldest, candidate)
    }
  }

  #remove(key: string, entry: CacheEntry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}

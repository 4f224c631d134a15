import { ApiFailure } from '../../base/errors.ts'
import { byteLengthOf, type Chunks } from '../sending/chunks.ts'

const MAX_BYTES = 16_777_216
/** A larger response is not cached: it would evict too many others. */
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
  /** Ends the reading. */
  readonly abort: AbortController
  /** Requests that wait for the response. */
  waiting: number
  /** 0 until the response exists. */
  bytes: number
}

export interface ResponseCacheOptions {
  /** Whether requests for a response that is being read wait for it instead of reading it too; by default they do. */
  readonly sharesReads?: boolean
}

/**
 * Responses by tenant and query; the least recently used are evicted first. Requests for a response that is being read share one read and its failure, which is not cached. Where
 * reads are not shared, each request reads until there is a response.
 */
export class ResponseCache {
  readonly #sharesReads: boolean
  readonly #entries = new Map<string, CacheEntry>()
  #bytes = 0

  constructor({ sharesReads = true }: ResponseCacheOptions = {}) {
    this.#sharesReads = sharesReads
  }

  /**
   * The response for this version of the data. `isRead` is true when `read` was called for it. The signal that `read` receives is aborted when the signals of all requests that
   * wait for the response are.
   */
  async get(
    tenantId: string,
    queryKey: string,
    version: string,
    read: (signal: AbortSignal) => Promise<CachedResponse>,
    signal?: AbortSignal,
  ): Promise<CachedResponse & { readonly isRead: boolean }> {
    // The tenant comes first, and no tenant id contains a line break.
    const key = `${tenantId}\n${queryKey}`
    const existing = this.#entries.get(key)
    if (existing?.version === version) {
      this.#entries.delete(key)
      this.#entries.set(key, existing)
      return { ...(await this.#waitFor(key, existing, signal)), isRead: false }
    }
    const abort = new AbortController()
    const entry: CacheEntry = { version, response: read(abort.signal), abort, waiting: 0, bytes: 0 }
    if (this.#sharesReads) this.#insert(key, entry)
    try {
      const response = await this.#waitFor(key, entry, signal)
      if (!this.#sharesReads) this.#insert(key, entry)
      this.#recordSize(key, entry, byteLengthOf(response.json))
      return { ...response, isRead: true }
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }

  async #waitFor(key: string, entry: CacheEntry, signal: AbortSignal | undefined): Promise<CachedResponse> {
    const leave = () => {
      if (--entry.waiting > 0) return
      // A later request must not wait for what is being aborted.
      if (this.#entries.get(key) === entry && entry.bytes === 0) this.#entries.delete(key)
      entry.abort.abort(new ApiFailure('REQUEST_CANCELLED', 'The client has closed the request.'))
    }
    entry.waiting++
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave)
    try {
      return await entry.response
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #insert(key: string, entry: CacheEntry): void {
    const existing = this.#entries.get(key)
    if (existing) this.#remove(key, existing)
    this.#entries.set(key, entry)
  }

  #recordSize(key: string, entry: CacheEntry, bytes: number): void {
    // Another version may have replaced it in the meantime.
    if (this.#entries.get(key) !== entry) return
    if (bytes > MAX_ENTRY_BYTES) return this.#remove(key, entry)
    // Most characters of a key are ASCII.
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

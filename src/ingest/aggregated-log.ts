import type { Clock } from '../clock.ts'
import type { LogFields } from '../logger.ts'

/** What happens again to a tenant is logged as a count, this often at most. */
const INTERVAL_MS = 10_000
/** So many pairs of tenant and topic have a line of their own within an interval; the others share one per topic. */
const MAX_PAIRS = 200

export interface AggregatedLogOptions {
  readonly clock: Clock
  /** Writes a line: the fields last added, with `tenantId` (`multi` = of several tenants) and `count`, the number of times since the line before. */
  readonly write: (fields: LogFields) => void
  /** Writes the counts that no line tells of yet; after it, each addition is a line. */
  readonly signal: AbortSignal
}

interface Pair {
  readonly tenantId: string
  fields: LogFields
  /** Times that no line tells of yet. */
  count: number
}

/** A log of what may happen to any number of events: the first of a tenant and topic at once, the next as counts, so that a flood of events is no flood of lines. */
export class AggregatedLog {
  readonly #options: AggregatedLogOptions
  readonly #pairs = new Map<string, Pair>()
  #cancelReport: (() => void) | undefined

  constructor(options: AggregatedLogOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** `tenantId` is empty when it cannot be told; `topic` is of a closed set. */
  add(tenantId: string, topic: string, fields: LogFields): void {
    const { clock, signal } = this.#options
    if (signal.aborted) return this.#write({ tenantId, fields, count: 1 })
    // No tenant id and no topic holds a blank.
    const own = this.#pairs.get(`${topic} ${tenantId}`)
    const isFull = own === undefined && this.#pairs.size >= MAX_PAIRS
    const key = isFull ? topic : `${topic} ${tenantId}`
    const pair = own ?? this.#pairs.get(key)
    if (pair) {
      pair.fields = fields
      pair.count++
    } else {
      const added = { tenantId: isFull ? 'multi' : tenantId, fields, count: 0 }
      this.#pairs.set(key, added)
      this.#write({ ...added, count: 1 })
    }
    this.#cancelReport ??= clock.after(INTERVAL_MS, () => this.#report())
  }

  #report(): void {
    this.#cancelReport = undefined
    this.#writeCounts()
    if (this.#pairs.size > 0) this.#cancelReport = this.#options.clock.after(INTERVAL_MS, () => this.#report())
  }

  /** A pair that was quiet for an interval is forgotten: its next time is logged at once again. */
  #writeCounts(): void {
    for (const [key, pair] of this.#pairs) {
      if (pair.count === 0) this.#pairs.delete(key)
      else this.#write(pair)
      pair.count = 0
    }
  }

  #write({ tenantId, fields, count }: Pair): void {
    this.#options.write({ tenantId, ...fields, count })
  }

  #close(): void {
    this.#cancelReport?.()
    this.#writeCounts()
  }
}

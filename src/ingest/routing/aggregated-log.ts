import type { Clock } from '../../base/clock.ts'
import type { LogFields } from '../../base/logger.ts'

/** What happens again to a tenant is logged as a count, this often at most. */
const INTERVAL_MS = 10_000
/** So many pairs of tenant and topic have a line of their own within an interval; the others share one per topic. */
const MAX_SERIES = 200

export interface AggregatedLogOptions {
  readonly clock: Clock
  /** Writes a line: the fields last added, with `tenantId` (`multi` = of several tenants) and `count`, the number of times since the line before. */
  readonly write: (fields: LogFields) => void
  /** Writes the counts that no line tells of yet; after it, each addition is a line. */
  readonly signal: AbortSignal
}

interface LogSeries {
  readonly tenantId: string
  fields: LogFields
  /** Times that no line tells of yet. */
  count: number
}

/** A log of what may happen to any number of events: the first of a tenant and topic at once, the next as counts, so that a flood of events is no flood of lines. */
export class AggregatedLog {
  readonly #options: AggregatedLogOptions
  readonly #series = new Map<string, LogSeries>()
  #cancelTimer: (() => void) | undefined

  constructor(options: AggregatedLogOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** `tenantId` is empty when it cannot be told; `topic` is of a closed set. */
  add(tenantId: string, topic: string, fields: LogFields): void {
    const { clock, signal } = this.#options
    if (signal.aborted) return this.#write({ tenantId, fields, count: 1 })
    // No tenant id and no topic holds a blank.
    const own = this.#series.get(`${topic} ${tenantId}`)
    const isFull = own === undefined && this.#series.size >= MAX_SERIES
    const key = isFull ? topic : `${topic} ${tenantId}`
    const series = own ?? this.#series.get(key)
    if (series) {
      series.fields = fields
      series.count++
    } else {
      const added = { tenantId: isFull ? 'multi' : tenantId, fields, count: 0 }
      this.#series.set(key, added)
      this.#write({ ...added, count: 1 })
    }
    this.#cancelTimer ??= clock.after(INTERVAL_MS, () => this.#report())
  }

  #report(): void {
    this.#cancelTimer = undefined
    this.#writeCounts()
    if (this.#series.size > 0) this.#cancelTimer = this.#options.clock.after(INTERVAL_MS, () => this.#report())
  }

  /** A pair that was quiet for an interval is forgotten: its next time is logged at once again. */
  #writeCounts(): void {
    for (const [key, series] of this.#series) {
      if (series.count === 0) this.#series.delete(key)
      else this.#write(series)
      series.count = 0
    }
  }

  #write({ tenantId, fields, count }: LogSeries): void {
    this.#options.write({ tenantId, ...fields, count })
  }

  #close(): void {
    this.#cancelTimer?.()
    this.#writeCounts()
  }
}

import type { Clock } from '../../base/clock.ts'
import type { LogFields } from '../../base/logger.ts'

/** Repetitions are logged as a count at this interval. */
const INTERVAL_MS = 10_000
/** The most pairs of tenant and topic with their own line within an interval; the others share one line per topic. */
const MAX_SERIES = 200

export interface AggregatedLogOptions {
  readonly clock: Clock
  /** Writes a line: the fields that were added last, with `tenantId` (`multi` = several tenants) and `count`, the number of additions since the line before. */
  readonly write: (fields: LogFields) => void
  /** When it aborts, the remaining counts are written; each later addition is a line. */
  readonly signal: AbortSignal
}

interface LogSeries {
  readonly tenantId: string
  fields: LogFields
  /** Additions that no line has reported yet. */
  count: number
}

/** A log for what may happen to any number of events. The first addition of a tenant and topic is logged at once, the next ones as counts: a flood of events causes no flood of lines. */
export class AggregatedLog {
  readonly #options: AggregatedLogOptions
  readonly #series = new Map<string, LogSeries>()
  #cancelTimer: (() => void) | undefined

  constructor(options: AggregatedLogOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** `tenantId` is empty when it is not known; `topic` is one of a closed set. */
  add(tenantId: string, topic: string, fields: LogFields): void {
    const { clock, signal } = this.#options
    if (signal.aborted) return this.#write({ tenantId, fields, count: 1 })
    // Tenant ids and topics contain no blank.
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

  /** A pair without additions in an interval is removed: its next addition is logged at once. */
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

/** Reads events in the order of (occurredAt, id), in windows of time that grow where few events are found. */
import { type QueryParameter, type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'

/** An event as a row. Times are epoch milliseconds. */
export interface FoundEvent {
  readonly event_id: string
  readonly event_type: string
  readonly entity_type: string
  readonly entity_id: string
  readonly channel: string
  readonly contact_id: string | null
  readonly user_id: string | null
  readonly source_type: string
  readonly source_id: string | null
  readonly campaign_id: string | null
  readonly workflow_id: string | null
  readonly sequence_id: string | null
  readonly template_id: string | null
  readonly step_number: number | null
  readonly recipient_domain: string | null
  readonly link: string | null
  readonly bounce_class: string | null
  readonly metadata: string
  readonly occurred_ms: number
  readonly ingested_ms: number
}

export interface EventPosition {
  /** Epoch milliseconds. */
  readonly at: number
  readonly id: string
}

export type SearchOrder = 'asc' | 'desc'

/** Which events are read. */
export interface EventSelection {
  readonly tenantId: string
  readonly range: TimeRange
  /** Further conditions, each with its ` AND ` in front. */
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
  /** The events that were stored up to this instant. */
  readonly storedUntil: number
}

export interface EventReaderOptions extends EventSelection {
  readonly order: SearchOrder
  /** The reading starts behind it. */
  readonly after: EventPosition | undefined
  /** The first window of time; Infinity where the conditions select so few events that the whole range is read at once. */
  readonly windowMs: number
  /** The present: events after it are few. */
  readonly now: number
}

/** The columns of a `FoundEvent`. */
export const EVENT_COLUMNS_SQL = `toString(id) AS event_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id,
    sequence_id, template_id, step_number, recipient_domain, link, bounce_class, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_ms,
    toUnixTimestamp64Milli(ingested_at) AS ingested_ms`

const eventsSql = (conditions: string, direction: 'ASC' | 'DESC') => `
  SELECT ${EVENT_COLUMNS_SQL}
  FROM analytics_events WHERE tenant_id = {tenant:String} AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({to:Int64})
    AND ingested_at <= fromUnixTimestamp64Milli({storedUntil:Int64})${conditions}
  ORDER BY occurred_at ${direction}, event_id ${direction}
  LIMIT {rows:UInt32}
  SETTINGS optimize_use_projections = 0`

const WINDOW_GROWTH = 16

/** Reads a selection batch by batch. */
export class EventReader {
  readonly #port: QueryPort
  readonly #options: EventReaderOptions
  #after: EventPosition | undefined
  #windowMs: number
  #isAtEnd = false

  constructor(port: QueryPort, options: EventReaderOptions) {
    this.#port = port
    this.#options = options
    this.#after = options.after
    this.#windowMs = options.windowMs
    this.#edge = edgeOf(options)
  }

  /** The events before it, in the order of reading, are read. */
  #edge: number

  /** Whether all events of the selection were read. */
  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** The next events in order: as many as asked for, fewer only at the end. Rejects with a StoreFailure. */
  async next(count: number): Promise<FoundEvent[]> {
    const events: FoundEvent[] = []
    while (events.length < count && !this.#isAtEnd) {
      const window = this.#nextWindow()
      const rows = await this.#read(window, count - events.length)
      for (const row of rows) events.push(row)
      const last = rows.at(-1)
      if (last) this.#after = { at: last.occurred_ms, id: last.event_id }
      if (events.length === count) {
        this.#edge = last!.occurred_ms
        break
      }
      this.#leave(window)
    }
    return events
  }

  #nextWindow(): TimeRange {
    const { range, order, now } = this.#options
    const edge = this.#edge
    if (order === 'asc') return { start: edge, end: Math.min(range.end, edge + this.#windowMs) }
    // From the end of today the first window reaches back beyond the present.
    return { start: Math.max(range.start, Math.min(edge, now) - this.#windowMs), end: edge }
  }

  #leave({ start, end }: TimeRange): void {
    const { range, order } = this.#options
    this.#edge = order === 'asc' ? end + 1 : start - 1
    this.#isAtEnd = order === 'asc' ? end >= range.end : start <= range.start
    this.#windowMs *= WINDOW_GROWTH
  }

  #read({ start, end }: TimeRange, rows: number): Promise<FoundEvent[]> {
    const { tenantId, sql, parameters, storedUntil, order } = this.#options
    const after = this.#after
    const conditions = after ? `${sql}${afterSql(order)}` : sql
    const query = tenantQuery<FoundEvent>('events_search', eventsSql(conditions, order === 'asc' ? 'ASC' : 'DESC'), {
      ...parameters,
      from: start,
      to: end,
      storedUntil,
      rows,
      ...(after ? { afterAt: after.at, afterId: after.id } : {}),
    })
    return this.#port.query(tenantId, query)
  }
}

function edgeOf({ range, order, after }: EventReaderOptions): number {
  if (order === 'asc') return Math.max(range.start, after?.at ?? range.start)
  return Math.min(range.end, after?.at ?? range.end)
}

const afterSql = (order: SearchOrder) => {
  const sign = order === 'asc' ? '>' : '<'
  const at = 'fromUnixTimestamp64Milli({afterAt:Int64})'
  return ` AND (occurred_at ${sign} ${at} OR (occurred_at = ${at} AND event_id ${sign} {afterId:String}))`
}

/** Reads messages with what became of them, the newest sending first, ties by id. */
import { TimeSlices } from '../../../base/event-loop-yielding.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import type { TimeRange } from '../../time/time-range.ts'
import type { MessageHistories } from './message-history.ts'
import type { SentColumns } from './message-item.ts'
import {
  type FoundMessage,
  isSelected,
  messageConditions,
  type MessageSelection,
  NO_STEPS,
  RULES_AND_RANGE,
  type Steps,
} from './message-selection.ts'
import type { SqlCondition } from '../search-filter.ts'

/** The place of a message in the order. */
export interface MessagePosition {
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly messageId: string
}

interface KeyRow {
  readonly sent_ms: number
  readonly message_id: string
}

interface MessageRow extends KeyRow, SentColumns {
  readonly events_hex: string
}

/** A pair of rows that is not merged yet cancels out, whether it meets the conditions or not. */
const keysSql = (conditions: string) => `
  SELECT toUnixTimestamp64Milli(sent_at) AS sent_ms, message_id
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND ${RULES_AND_RANGE} AND state != 0${conditions}
  GROUP BY sent_at, message_id HAVING sum(sign) > 0
  ORDER BY sent_at DESC, message_id
  LIMIT {rows:UInt32}
  SETTINGS optimize_use_projections = 0`

const MESSAGES_SQL = `
  SELECT toUnixTimestamp64Milli(sent_at) AS sent_ms, message_id, any(channel) AS channel, any(contact_id) AS contact_id, any(source_type) AS source_type,
    any(source_id) AS source_id, any(campaign_id) AS campaign_id, any(workflow_id) AS workflow_id, any(sequence_id) AS sequence_id, any(template_id) AS template_id,
    any(recipient_domain) AS recipient_domain, lower(hex(events)) AS events_hex
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND ${RULES_AND_RANGE}
    AND (sent_at, message_id) IN (
      SELECT fromUnixTimestamp64Milli(key.1), key.2 FROM (SELECT arrayJoin(arrayZip({times:Array(Int64)}, {messages:Array(String)})) AS key))
  GROUP BY sent_at, message_id, events HAVING sum(sign) > 0
  ORDER BY sent_at DESC, message_id
  SETTINGS optimize_use_projections = 0`

/** The first of several sendings at the same instant is the one with the lower id. */
const STEPS_SQL = `
  SELECT entity_id AS message_id, argMin(tuple(step_number), (occurred_at, toString(id))).1 AS step
  FROM analytics_events WHERE tenant_id = {tenant:String} AND event_type = 'message_sent' AND occurred_at >= fromUnixTimestamp64Milli({from:Int64})
    AND occurred_at <= fromUnixTimestamp64Milli({to:Int64}) AND entity_id IN {messages:Array(String)}
  GROUP BY entity_id
  SETTINGS optimize_use_projections = 0`

const AFTER_SQL =
  ' AND (sent_at < fromUnixTimestamp64Milli({afterAt:Int64}) OR (sent_at = fromUnixTimestamp64Milli({afterAt:Int64}) AND message_id > {afterId:String}))'

const FIRST_WINDOW_MS = 3_600_000
const WINDOW_GROWTH = 16
const MESSAGES_PER_YIELD_CHECK = 100

export interface MessageReaderOptions extends MessageSelection {
  /** The reading starts behind it. */
  readonly after: MessagePosition | undefined
  /** The first window of time; Infinity where the conditions select so few messages that the whole range is read at once. */
  readonly windowMs?: number
}

/** Reads a selection batch by batch. */
export class MessageReader {
  readonly #port: QueryPort
  readonly #histories: MessageHistories
  readonly #options: MessageReaderOptions
  readonly #conditions: SqlCondition
  #after: MessagePosition | undefined
  #edge: number
  #windowMs: number
  #isAtEnd = false

  constructor(port: QueryPort, histories: MessageHistories, options: MessageReaderOptions) {
    const { after, range, windowMs = FIRST_WINDOW_MS } = options
    this.#port = port
    this.#histories = histories
    this.#options = options
    this.#conditions = messageConditions(options)
    this.#after = after
    this.#edge = Math.min(range.end, after?.sentAt ?? range.end)
    this.#windowMs = windowMs
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** The next messages in order, of at most `count` that meet the conditions in the store: fewer where the rest of the filter rejects some. */
  async next(count: number): Promise<FoundMessage[]> {
    const keys: KeyRow[] = []
    while (keys.length < count && !this.#isAtEnd) {
      const { range, until } = this.#options
      // From the end of today the first window reaches back beyond the present.
      const start = Math.max(range.start, Math.min(this.#edge, until) - this.#windowMs)
      const rows = await this.#readKeys({ start, end: this.#edge }, count - keys.length)
      for (const row of rows) keys.push(row)
      const last = rows.at(-1)
      if (last) this.#after = { sentAt: last.sent_ms, messageId: last.message_id }
      if (keys.length === count) {
        this.#edge = last!.sent_ms
        break
      }
      this.#edge = start - 1
      this.#isAtEnd = start <= range.start
      this.#windowMs *= WINDOW_GROWTH
    }
    return keys.length === 0 ? [] : this.#readMessages(keys)
  }

  #readKeys({ start, end }: TimeRange, rows: number): Promise<KeyRow[]> {
    const { tenantId, rules } = this.#options
    const after = this.#after
    const { sql, parameters } = this.#conditions
    const query = tenantQuery<KeyRow>('messages_search', keysSql(sql + (after ? AFTER_SQL : '')), {
      ...parameters,
      rules,
      from: start,
      to: end,
      rows,
      ...(after ? { afterAt: after.sentAt, afterId: after.messageId } : {}),
    })
    return this.#port.query(tenantId, query)
  }

  async #readMessages(keys: readonly KeyRow[]): Promise<FoundMessage[]> {
    const { tenantId, rules, until, check } = this.#options
    const place = {
      from: keys.at(-1)!.sent_ms,
      to: keys[0]!.sent_ms,
      messages: keys.map(({ message_id }) => message_id),
    }
    const times = keys.map(({ sent_ms }) => sent_ms)
    const query = tenantQuery<MessageRow>('messages_found', MESSAGES_SQL, { ...place, times, rules })
    const steps = check?.readsSteps ? await this.#readSteps(place) : NO_STEPS
    const slices = new TimeSlices()
    const messages: FoundMessage[] = []
    for (const [index, row] of (await this.#port.query(tenantId, query)).entries()) {
      const message = { tenantId, sentAt: row.sent_ms, eventsHex: row.events_hex }
      const history = this.#histories.ofList(message, until)
      const found = { messageId: row.message_id, sentAt: row.sent_ms, sent: row, outcome: history.outcome, history }
      if (isSelected(found, this.#options, steps)) messages.push(found)
      if ((index + 1) % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
    }
    return messages
  }

  async #readSteps(place: Readonly<Record<string, QueryParameter>>): Promise<Steps> {
    type StepRow = { readonly message_id: string; readonly step: number | null }
    const rows = await this.#port.query(this.#options.tenantId, tenantQuery<StepRow>('sending_steps', STEPS_SQL, place))
    return new Map(rows.map(({ message_id, step }) => [message_id, step]))
  }
}

/**
 * Messages with events after the instant until which events count. Their rows include those events, so that their states are calculated from the lists of their events. They
 * are few: events lie in the future only where clocks are wrong, and most events of a message follow its sending within days.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import type { CountedColumns } from './engagement-sums.ts'
import type { FactsAsOf, MessageState } from './facts-as-of.ts'

const MESSAGES_PER_YIELD_CHECK = 100

export interface LateMessage {
  readonly key: string
  readonly sentAt: number
  /** The number of messages like this one. */
  readonly weight: number
  /** With all events. */
  readonly stored: CountedColumns
  /** With the events that count. */
  readonly counted: MessageState
}

interface LateRow {
  readonly key: string
  readonly sent_at_ms: number
  readonly weight: number
  readonly state: number
  readonly opens: number
  readonly clicks: number
  readonly unknown_events: number
  readonly events_hex: string
}

export interface LateMessagesRequest {
  readonly tenantId: string
  readonly range: TimeRange
  readonly facts: FactsAsOf
  /** The column by which the messages are grouped. */
  readonly keySql: string
  /** Conditions on the sending, each with its ` AND ` in front, and their parameters. */
  readonly filter: { readonly sql: string; readonly parameters: Readonly<Record<string, string | readonly string[]>> }
}

const lateSql = (keySql: string, filter: string) => `
  SELECT ${keySql} AS key, toUnixTimestamp64Milli(sent_at) AS sent_at_ms, sum(sign) AS weight, state, opens, clicks, unknown_events, hex(events) AS events_hex
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND sent_at >= fromUnixTimestamp64Milli({start:Int64}) AND sent_at <= fromUnixTimestamp64Milli({end:Int64})
    AND last_event_at > fromUnixTimestamp64Milli({until:Int64}) AND state != 0${filter}
  GROUP BY key, sent_at, state, opens, clicks, unknown_events, events HAVING weight != 0
  SETTINGS optimize_use_projections = 0`

/** Reads the messages of a range that have events after the instant. */
export async function readLateMessages(
  name: string,
  port: QueryPort,
  { tenantId, range, facts, keySql, filter }: LateMessagesRequest,
): Promise<readonly LateMessage[]> {
  const { rules, until, stateAt } = facts
  const sql = lateSql(keySql, filter.sql)
  const parameters = { ...range, rules, until, ...filter.parameters }
  const rows = await port.query(tenantId, tenantQuery<LateRow>(`${name}_late`, sql, parameters))
  const slices = new TimeSlices()
  const messages: LateMessage[] = []
  for (const row of rows) {
    const { key, sent_at_ms: sentAt, weight, state, opens, clicks, unknown_events: unknownEvents } = row
    const counted = stateAt({ tenantId, sentAt, eventsHex: row.events_hex }, until)
    messages.push({ key, sentAt, weight, stored: { state, opens, clicks, unknownEvents }, counted })
    if (messages.length % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
  return messages
}

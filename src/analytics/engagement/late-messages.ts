/**
 * Messages with events after the instant until which events count. Their rows include those events, so that their states are calculated from the lists of their events. They
 * are few: events lie in the future only where clocks are wrong, and most events of a message follow its sending within days.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { MESSAGES_BY_QUARTER_HOUR } from '../query/roll-up.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { TimeRange } from '../time/time-range.ts'
import type { FactsAsOf, MessageState } from './facts-as-of.ts'

const MESSAGES_PER_YIELD_CHECK = 100
/** More intervals are joined: a statement may not be too long. */
const MAX_INTERVALS = 64

export interface LateMessage<Key = string> {
  readonly key: Key
  readonly sentAt: number
  /** The number of messages like this one. */
  readonly weight: number
  /** With all events. */
  readonly stored: MessageState
  /** With the events that count. */
  readonly counted: MessageState
}

interface LateRow<Key> {
  readonly key: Key
  readonly sent_at_ms: number
  readonly weight: number
  readonly state: number
  readonly opens: number
  readonly clicks: number
  readonly unknown_events: number
  readonly open_delay: number
  readonly click_delay: number
  readonly opened_after: number
  readonly clicked_after: number
  readonly human_opened_after: number
  readonly human_clicked_after: number
  readonly events_hex: string
}

/** The messages that were first sent in a range and pass a filter. */
export interface SelectedMessages {
  readonly tenantId: string
  readonly range: TimeRange
  readonly facts: FactsAsOf
  /** Conditions on the sending, each with its ` AND ` in front, and their parameters. */
  readonly filter: { readonly sql: string; readonly parameters: Readonly<Record<string, QueryParameter>> }
}

/** Which messages are read, and by what they are grouped. */
export interface MessagesRequest extends SelectedMessages {
  readonly column: 'channel' | 'campaign_id' | 'template_id'
}

/** The key of a message: the value of its column, or the empty text for none. */
export const keySql = (column: MessagesRequest['column']) => `toString(ifNull(${column}, ''))`

const { stepMs, stepSql, projection } = MESSAGES_BY_QUARTER_HOUR

/** The steps of the roll-up that contain late messages. A removed row was replaced by one with later events, so that it never makes a step late. */
const LATE_STEPS_SQL = `
  SELECT toInt64(toUnixTimestamp(${stepSql})) * 1000 AS start
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND ${stepSql} >= toDateTime({from:UInt32}, 'UTC') AND ${stepSql} <= toDateTime({to:UInt32}, 'UTC')
  GROUP BY ${stepSql} HAVING max(last_event_at) > fromUnixTimestamp64Milli({until:Int64})
  ORDER BY start
  SETTINGS preferred_optimize_projection_name = '${projection}'`

const lateSql = (key: string, intervals: readonly TimeRange[], filter: string) => `
  SELECT ${key} AS key, toUnixTimestamp64Milli(sent_at) AS sent_at_ms, sum(sign) AS weight, state, opens, clicks, unknown_events, open_delay, click_delay,
    opened_after, clicked_after, human_opened_after, human_clicked_after, hex(events) AS events_hex
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND (${intervals.map((_, index) => `sent_at BETWEEN fromUnixTimestamp64Milli({start${index}:Int64}) AND fromUnixTimestamp64Milli({end${index}:Int64})`).join(' OR ')})
    AND last_event_at > fromUnixTimestamp64Milli({until:Int64}) AND state != 0${filter}
  GROUP BY key, sent_at, state, opens, clicks, unknown_events, open_delay, click_delay, opened_after, clicked_after, human_opened_after, human_clicked_after, events HAVING weight != 0
  SETTINGS optimize_use_projections = 0`

/** Reads the messages that have events after the instant, each with its key. */
export function readLateMessages(
  name: string,
  port: QueryPort,
  request: MessagesRequest,
): Promise<readonly LateMessage[]> {
  return readLateMessagesBy(name, port, request, keySql(request.column))
}

/** The same with the value of any expression over the facts as the key. */
export async function readLateMessagesBy<Key>(
  name: string,
  port: QueryPort,
  { tenantId, range, facts, filter }: SelectedMessages,
  key: string,
): Promise<readonly LateMessage<Key>[]> {
  const { rules, until, stateAt } = facts
  const steps = { from: secondsOfStep(range.start), to: secondsOfStep(range.end), rules, until }
  const lateSteps = await port.query(
    tenantId,
    tenantQuery<{ start: number }>(`${name}_late_steps`, LATE_STEPS_SQL, steps),
  )
  if (lateSteps.length === 0) return []
  const intervals = intervalsOf(lateSteps.map(({ start }) => start)).map(({ start, end }) => ({
    start: Math.max(start, range.start),
    end: Math.min(end, range.end),
  }))
  const sql = lateSql(key, intervals, filter.sql)
  const edges = intervals.flatMap(({ start, end }, index) => [
    [`start${index}`, start] as const,
    [`end${index}`, end] as const,
  ])
  const parameters = { ...Object.fromEntries(edges), rules, until, ...filter.parameters }
  const rows = await port.query(tenantId, tenantQuery<LateRow<Key>>(`${name}_late`, sql, parameters))
  const slices = new TimeSlices()
  const messages: LateMessage<Key>[] = []
  for (const row of rows) {
    const { key: itsKey, sent_at_ms: sentAt, weight, events_hex: eventsHex } = row
    messages.push({
      key: itsKey,
      sentAt,
      weight,
      stored: stateOf(row),
      counted: stateAt({ tenantId, sentAt, eventsHex }, until),
    })
    if (messages.length % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
  return messages
}

function stateOf(row: LateRow<unknown>): MessageState {
  const { state, opens, clicks } = row
  return {
    state,
    opens,
    clicks,
    unknownEvents: row.unknown_events,
    openDelay: row.open_delay,
    clickDelay: row.click_delay,
    openedAfter: row.opened_after,
    clickedAfter: row.clicked_after,
    humanOpenedAfter: row.human_opened_after,
    humanClickedAfter: row.human_clicked_after,
  }
}

/** No event is before 1970 or after the last step of 32-bit seconds. */
function secondsOfStep(instant: number): number {
  const start = Math.floor(instant / stepMs) * (stepMs / 1_000)
  return Math.min(Math.max(0, start), 4_294_900_800)
}

/** The intervals that ascending steps cover, joined over the shortest gaps where they are many. */
function intervalsOf(starts: readonly number[]): TimeRange[] {
  const gaps = starts.slice(1).map((start, index) => start - starts[index]! - stepMs)
  const longest = gaps.toSorted((a, b) => b - a)[MAX_INTERVALS - 1] ?? 0
  const intervals: { start: number; end: number }[] = []
  for (const [index, start] of starts.entries()) {
    const last = intervals.at(-1)
    if (last && gaps[index - 1]! <= longest) last.end = start + stepMs - 1
    else intervals.push({ start, end: start + stepMs - 1 })
  }
  return intervals
}

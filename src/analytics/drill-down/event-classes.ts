/** The classes of opens and clicks, which depend on all events of their messages: they follow from the stored lists of these events. */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { FoundEvent } from './event-search.ts'
import type { HistoryEvent, HistoryRow, MessageHistories } from './messages/message-history.ts'

/** Of events by their ids, where the event is an open or a click. */
export type EventClasses = ReadonlyMap<string, HistoryEvent>

export interface ClassSource {
  readonly port: QueryPort
  readonly tenantId: string
  readonly histories: MessageHistories
  /** The number of the rules in the rows to read; undefined while there are none. */
  readonly rules: number | undefined
}

interface ListRow {
  readonly message_id: string
  readonly sent_ms: number
  readonly events_hex: string
}

const CLASSIFIED_TYPES: ReadonlySet<string> = new Set(['message_opened', 'message_clicked'])

/** The part of an event by which its class is found. */
type ClassifiedEvent = Pick<FoundEvent, 'event_id' | 'event_type' | 'entity_id' | 'occurred_ms'>

/** The row of a message lies at its first sending: most opens and clicks follow it within the first of these times, nearly all within the second. */
const SENT_BEFORE_MS = [3 * 86_400_000, 90 * 86_400_000, Infinity]
/** Clocks of providers may disagree, so that a message is opened before it is sent. */
const SENT_AFTER_MS = 3_600_000
/** Of the store. */
const [FIRST_INSTANT, LAST_INSTANT] = [0, 4_294_967_295_000]
const MESSAGES_PER_YIELD_CHECK = 100

/** A list of times as the key of the table: of each, one granule is read. */
const AT_TIMES = 'sent_at IN (SELECT fromUnixTimestamp64Milli(at) FROM (SELECT arrayJoin({times:Array(Int64)}) AS at))'
const IN_RANGE = 'sent_at >= fromUnixTimestamp64Milli({from:Int64}) AND sent_at <= fromUnixTimestamp64Milli({to:Int64})'

const listsSql = (condition: string) => `
  SELECT message_id, toUnixTimestamp64Milli(sent_at) AS sent_ms, lower(hex(events)) AS events_hex
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32} AND ${condition}
    AND message_hash IN (arrayMap(hash -> toUInt64(hash), {hashes:Array(String)}))
  GROUP BY message_id, sent_at, events HAVING sum(sign) > 0
  SETTINGS optimize_use_projections = 0`

const MESSAGE_EVENTS_SQL = `
  SELECT toString(id) AS id, entity_id, event_type, toUnixTimestamp64Milli(occurred_at) AS occurred_at, metadata
  FROM analytics_events WHERE tenant_id = {tenant:String} AND startsWith(event_type, 'message_') AND entity_id IN {messages:Array(String)}
  SETTINGS optimize_use_projections = 0`

function isClassified({ event_type }: Pick<FoundEvent, 'event_type'>): boolean {
  return CLASSIFIED_TYPES.has(event_type)
}

/** Reads the classes of those of the events that are opens and clicks. Rejects with a StoreFailure. */
export async function readEventClasses(source: ClassSource, events: readonly ClassifiedEvent[]): Promise<EventClasses> {
  const classes = new Map<string, HistoryEvent>()
  let missing = events.filter(isClassified)
  if (source.rules !== undefined) {
    missing = await addFromSendings(source, events, missing, classes)
    for (const beforeMs of SENT_BEFORE_MS) {
      if (missing.length === 0) return classes
      await addFromLists(source, missing, beforeMs, classes)
      missing = missing.filter(({ event_id }) => !classes.has(event_id))
    }
  }
  // An event can be read before it is part of the stored list of its message.
  if (missing.length > 0) await addFromEvents(source, missing, classes)
  return classes
}

/** Where the sending of a message is among the events, its row is at that time. Resolves with the events whose class is still missing. */
async function addFromSendings(
  source: ClassSource,
  events: readonly ClassifiedEvent[],
  missing: readonly ClassifiedEvent[],
  classes: Map<string, HistoryEvent>,
): Promise<ClassifiedEvent[]> {
  const times = new Map<string, number>()
  for (const { event_type, entity_id, occurred_ms } of events)
    if (event_type === 'message_sent') times.set(entity_id, Math.min(times.get(entity_id) ?? Infinity, occurred_ms))
  const sent = missing.filter(({ entity_id }) => times.has(entity_id))
  if (sent.length > 0) {
    const byMessage = Map.groupBy(sent, ({ entity_id }) => entity_id)
    const parameters = { times: [...byMessage.keys()].map((messageId) => times.get(messageId)!) }
    await addFromRows(source, byMessage, AT_TIMES, parameters, classes)
  }
  return missing.filter(({ event_id }) => !classes.has(event_id))
}

async function addFromLists(
  source: ClassSource,
  events: readonly ClassifiedEvent[],
  beforeMs: number,
  classes: Map<string, HistoryEvent>,
): Promise<void> {
  const byMessage = Map.groupBy(events, ({ entity_id }) => entity_id)
  let [first, last] = [Infinity, -Infinity]
  for (const { occurred_ms } of events) {
    if (occurred_ms < first) first = occurred_ms
    if (occurred_ms > last) last = occurred_ms
  }
  const parameters = {
    from: Math.max(FIRST_INSTANT, first - beforeMs),
    to: beforeMs === Infinity ? LAST_INSTANT : Math.min(LAST_INSTANT, last + SENT_AFTER_MS),
  }
  await addFromRows(source, byMessage, IN_RANGE, parameters, classes)
}

async function addFromRows(
  { port, tenantId, histories, rules }: ClassSource,
  byMessage: ReadonlyMap<string, readonly ClassifiedEvent[]>,
  condition: string,
  parameters: Readonly<Record<string, QueryParameter>>,
  classes: Map<string, HistoryEvent>,
): Promise<void> {
  const query = tenantQuery<ListRow>('message_lists', listsSql(condition), {
    ...parameters,
    rules: rules!,
    hashes: [...byMessage.keys()].map((messageId) => histories.hashOf(tenantId, messageId)),
  })
  const slices = new TimeSlices()
  for (const [index, row] of (await port.query(tenantId, query)).entries()) {
    const shown = byMessage.get(row.message_id)
    // Another message with the same hash.
    if (shown === undefined) continue
    const message = { tenantId, sentAt: row.sent_ms, eventsHex: row.events_hex }
    addClasses(histories.ofList(message, Infinity).events, shown, classes)
    if ((index + 1) % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
}

async function addFromEvents(
  { port, tenantId, histories }: ClassSource,
  events: readonly ClassifiedEvent[],
  classes: Map<string, HistoryEvent>,
): Promise<void> {
  const byMessage = Map.groupBy(events, ({ entity_id }) => entity_id)
  const query = tenantQuery<HistoryRow & { readonly entity_id: string }>('message_events', MESSAGE_EVENTS_SQL, {
    messages: [...byMessage.keys()],
  })
  const rows = Map.groupBy(await port.query(tenantId, query), ({ entity_id }) => entity_id)
  for (const [messageId, shown] of byMessage)
    addClasses(histories.ofRows(tenantId, rows.get(messageId) ?? [], Infinity).events, shown, classes)
}

/** Finds the events in the history of their message. */
function addClasses(
  history: readonly HistoryEvent[],
  events: readonly ClassifiedEvent[],
  classes: Map<string, HistoryEvent>,
): void {
  const byHead = new Map(history.map((event) => [event.idHead, event]))
  for (const { event_id } of events) {
    const found = byHead.get(idHeadOf(event_id))
    if (found) classes.set(event_id, found)
  }
}

/** The first 16 hexadecimal digits of a UUID. */
export function idHeadOf(id: string): string {
  return id.slice(0, 18).replaceAll('-', '')
}

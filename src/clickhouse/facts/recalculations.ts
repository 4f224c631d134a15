/**
 * Requests to calculate the facts of messages again. A request is stored before the events are erased, so that no crash leaves facts behind that the events no longer say;
 * whoever stores the events of the tenant fulfils it, since only one writer at a time may replace facts. Fulfilling it twice changes nothing.
 */
import { MESSAGE_EVENT_TYPES } from '../../messages/message-event.ts'
import { EVENT_COLUMNS } from '../../events/columns.ts'
import { EventBlock } from '../../events/block/event-block.ts'
import type { EventRow } from '../../events/event-row.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import { quoteText } from '../connection/sql-literals.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { selectList } from '../write/column-formats.ts'

/** The event types of messages as an SQL list. */
const TYPES = MESSAGE_EVENT_TYPES.map(quoteText).join(', ')

/** The number of messages whose events are read by one query. */
const MAX_MESSAGES_PER_BATCH = 1_000
const MAX_PENDING = 50_000

const REQUEST = named(
  'request_recalculations',
  `
  INSERT INTO analytics_message_recalculations (tenant_id, request_id, message_id, requested_at, is_done)
  SELECT DISTINCT tenant_id, {request:UUID}, entity_id, fromUnixTimestamp64Milli({at:Int64}), 0 FROM analytics_events
  WHERE tenant_id = {tenant:String} AND contact_id = {contact:String} AND occurred_at <= fromUnixTimestamp64Milli({at:Int64})
    AND event_type IN (${TYPES})`,
  'async_insert = 0',
)

const FIND_PENDING = named(
  'find_pending_recalculations',
  `
  SELECT tenant_id, toString(request_id) AS request_id, message_id FROM analytics_message_recalculations
  GROUP BY tenant_id, request_id, message_id HAVING max(is_done) = 0
  ORDER BY tenant_id, request_id, message_id LIMIT ${MAX_PENDING}`,
)

const COUNT_PENDING = named(
  'count_pending_recalculations',
  `
  SELECT uniqExact(message_id) AS messages FROM (
    SELECT request_id, message_id FROM analytics_message_recalculations WHERE tenant_id = {tenant:String}
    GROUP BY request_id, message_id HAVING max(is_done) = 0
  )`,
  UNQUOTED_INTEGERS,
)

const MARK_DONE = named(
  'mark_recalculations_done',
  `
  INSERT INTO analytics_message_recalculations (tenant_id, request_id, message_id, requested_at, is_done)
  SELECT tenant_id, request_id, message_id, max(requested_at), 1 FROM analytics_message_recalculations
  WHERE tenant_id = {tenant:String} AND request_id = {request:UUID} AND message_id IN {messages:Array(String)}
  GROUP BY tenant_id, request_id, message_id`,
  'async_insert = 0',
)

// The conditions name the table, since a selected text may have the name of a column.
const FIND_EVENTS = named(
  'find_events_of_messages',
  `
  SELECT ${selectList(EVENT_COLUMNS)}
  FROM analytics_events AS events
  WHERE events.tenant_id = {tenant:String} AND events.event_type IN (${TYPES}) AND events.entity_id IN {messages:Array(String)}`,
  UNQUOTED_INTEGERS,
)

/** Messages of one tenant and request. */
export interface PendingRecalculation {
  readonly tenantId: string
  readonly requestId: string
  readonly messageIds: readonly string[]
}

/** Requests the recalculation of every message with an event of the contact up to `at`, in epoch milliseconds. */
export async function requestRecalculation(
  connection: StoreConnection,
  tenant: string,
  contact: string,
  at: number,
): Promise<void> {
  await connection.command(REQUEST, { request: crypto.randomUUID(), tenant, contact, at })
}

/** What is requested and not done, in batches. */
export async function findPendingRecalculations(connection: StoreConnection): Promise<PendingRecalculation[]> {
  const rows = await connection.query<{ tenant_id: string; request_id: string; message_id: string }>(FIND_PENDING)
  const requests = Map.groupBy(rows, ({ tenant_id, request_id }) => `${tenant_id}/${request_id}`)
  return [...requests.values()].flatMap((messages) => {
    const [{ tenant_id: tenantId, request_id: requestId }] = messages as [(typeof rows)[number]]
    const batches: PendingRecalculation[] = []
    for (let start = 0; start < messages.length; start += MAX_MESSAGES_PER_BATCH) {
      const batch = messages.slice(start, start + MAX_MESSAGES_PER_BATCH)
      batches.push({ tenantId, requestId, messageIds: batch.map(({ message_id }) => message_id) })
    }
    return batches
  })
}

/** The number of messages of the tenant that wait for their recalculation. */
export async function countPendingRecalculations(connection: StoreConnection, tenant: string): Promise<number> {
  const [row] = await connection.query<{ messages: number }>(COUNT_PENDING, { tenant })
  return row!.messages
}

export async function markRecalculated(
  connection: StoreConnection,
  { tenantId: tenant, requestId: request, messageIds }: PendingRecalculation,
): Promise<void> {
  await connection.command(MARK_DONE, { tenant, request, messages: [...messageIds] })
}

/** The stored events of messages. */
export function findEventsOfMessages(
  connection: StoreConnection,
  tenant: string,
  messageIds: readonly string[],
): Promise<EventRow[]> {
  return connection.query<EventRow>(FIND_EVENTS, { tenant, messages: [...messageIds] })
}

const NO_VALUES = Object.fromEntries(
  EVENT_COLUMNS.map(({ name, type }) => [name, type.startsWith('Nullable') ? null : '']),
) as unknown as EventRow
const ANY_EVENT: EventRow = {
  ...NO_VALUES,
  id: '00000000-0000-0000-0000-000000000000',
  event_type: 'message_sent',
  occurred_at: 0,
}

/** One row per message, which only names it. */
export function messagesOf({ tenantId, messageIds }: PendingRecalculation): EventBlock {
  const row = { ...ANY_EVENT, tenant_id: tenantId }
  return blockOf(messageIds.map((entity_id) => ({ ...row, entity_id })))
}

export function blockOf(rows: readonly EventRow[]): EventBlock {
  const block = new EventBlock()
  for (const row of rows) block.append(row, [])
  return block
}

/** All events of one message. */
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import type { FoundEvent } from './event-search.ts'
import { EVENT_COLUMNS_SQL } from './event-search.ts'
import { idHeadOf } from './event-classes.ts'
import type { HistoryEvent, MessageHistories } from './messages/message-history.ts'
import type { KnownMessage } from './messages/message-item.ts'

const TIMELINE_SQL = `
  SELECT ${EVENT_COLUMNS_SQL}
  FROM analytics_events WHERE tenant_id = {tenant:String} AND startsWith(event_type, 'message_') AND entity_id = {message:String}
  ORDER BY occurred_at, event_id
  SETTINGS optimize_use_projections = 0`

export interface MessageTimeline {
  readonly message: KnownMessage
  /** In the order of (occurredAt, id). */
  readonly events: readonly FoundEvent[]
  readonly classes: ReadonlyMap<string, HistoryEvent>
}

/** Everything about a message; undefined when the tenant has no event of it. It follows from its events alone. Rejects with a StoreFailure. */
export async function readMessageTimeline(
  port: QueryPort,
  histories: MessageHistories,
  tenantId: string,
  messageId: string,
): Promise<MessageTimeline | undefined> {
  const query = tenantQuery<FoundEvent>('message_timeline', TIMELINE_SQL, { message: messageId })
  const events = await port.query(tenantId, query)
  if (events.length === 0) return undefined
  const rows = events.map(({ event_id, event_type, occurred_ms, metadata }) => ({
    id: event_id,
    event_type,
    occurred_at: occurred_ms,
    metadata,
  }))
  const history = histories.ofRows(tenantId, rows, Infinity)
  const byHead = new Map(history.events.map((event) => [event.idHead, event]))
  const classes = new Map(
    events.flatMap(({ event_id }) => {
      const found = byHead.get(idHeadOf(event_id))
      return found?.actorClass === undefined ? [] : [[event_id, found] as const]
    }),
  )
  // A message that was never sent has the dimensions of its first event.
  const sent = events.find(({ event_type }) => event_type === 'message_sent') ?? events[0]!
  return { message: { messageId, sent, outcome: history.outcome }, events, classes }
}

/** Reads the classes of the opens and clicks of a slice of a funnel. They follow from all events of each message, which its row of facts lists. */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { idHeadOf, readEventClasses } from '../drill-down/event-classes.ts'
import type { MessageHistories } from '../drill-down/messages/message-history.ts'
import type { ActorClass } from '../engagement/actor-classes.ts'
import { type FactsAsOf, type FactsInProgress, requireFacts } from '../engagement/facts-as-of.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../query/tenant-query.ts'

/** What a funnel is read from. */
export interface ClassesSource {
  readonly port: QueryPort
  readonly facts: FactsAsOf | FactsInProgress
  readonly histories: MessageHistories
}

/** The events of a slice. */
export interface Selection {
  /** The conditions behind that on the tenant. */
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

/** The opens and clicks of an entity: lists of the same length. */
interface ActionsRow {
  readonly ids: readonly string[]
  readonly times: readonly number[]
  /** The message of an open or click, else empty. */
  readonly messages: readonly string[]
}

const MESSAGES_PER_YIELD_CHECK = 100
/** Events that are not part of the stored list of their message yet are few. */
const MISSING_PER_QUERY = 1_000

const listsSql = (condition: string) => `
  SELECT lower(hex(argMax(events, length(events)))) AS events_hex
  FROM (
    SELECT message_id, events
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
      AND last_event_at >= fromUnixTimestamp64Milli({from:Int64}) AND message_id IN (
        SELECT entity_id
        FROM analytics_events WHERE tenant_id = {tenant:String}${condition} AND event_type IN ('message_opened', 'message_clicked')
        SETTINGS optimize_use_projections = 0
      )
    GROUP BY message_id, events HAVING sum(sign) > 0
    SETTINGS optimize_use_projections = 0
  )
  GROUP BY message_id`

/** The class of an event by its id; undefined for events that are neither opens nor clicks. Rejects with a StoreFailure, and with ENGAGEMENT_NOT_READY. */
export async function readClasses(
  source: ClassesSource,
  tenantId: string,
  { sql, parameters }: Selection,
  rows: readonly ActionsRow[],
): Promise<(id: string) => ActorClass | undefined> {
  const { port, histories } = source
  const facts = requireFacts(source)
  const statement = tenantQuery<{ events_hex: string }>('funnel_classes', listsSql(sql), {
    ...parameters,
    rules: facts.rules,
  })
  const classes = new Map<string, ActorClass>()
  const slices = new TimeSlices()
  for (const [index, { events_hex }] of (await port.query(tenantId, statement)).entries()) {
    for (const { idHead, actorClass } of facts.actionsOf(tenantId, events_hex)) classes.set(idHead, actorClass)
    if (index % MESSAGES_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
  const missing = rows.flatMap(({ ids, times, messages }) =>
    messages.flatMap((message, index) =>
      message === '' || classes.has(idHeadOf(ids[index]!))
        ? []
        : [{ event_id: ids[index]!, entity_id: message, event_type: 'message_opened', occurred_ms: times[index]! }],
    ),
  )
  for (let at = 0; at < missing.length; at += MISSING_PER_QUERY) {
    const part = missing.slice(at, at + MISSING_PER_QUERY)
    const found = await readEventClasses({ port, tenantId, histories, rules: undefined }, part)
    for (const [id, { actorClass }] of found) if (actorClass) classes.set(idHeadOf(id), actorClass as ActorClass)
  }
  return (id) => classes.get(idHeadOf(id))
}

/** Reads the stored facts of messages, each as the row that an insert would write. */
import { decodeEventList } from '../../messages/event-list.ts'
import type { MessageEvent } from '../../messages/message-event.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import type { FactsRow } from './facts-row.ts'
import type { MessageKey } from './message-key.ts'

/** The number of messages in one query. */
const MAX_MESSAGES_PER_QUERY = 10_000

/** Hashes in a text of hexadecimal digits, 8 little-endian bytes each: one literal is parsed much faster than one per hash. */
const GIVEN_HASHES =
  '(SELECT reinterpretAsUInt64(substring(unhex({hashes:String}), number * 8 + 1, 8)) FROM numbers({count:UInt32}))'

/** Answered from the projection `by_message`: the cost depends on the number of hashes, not on the number of stored messages. */
export const FIND_PLACES = named(
  'find_message_places',
  `
  SELECT toString(message_hash) AS hash, toUnixTimestamp64Milli(sent_at) AS at
  FROM analytics_message_facts WHERE message_hash IN ${GIVEN_HASHES}
  GROUP BY message_hash, sent_at HAVING sum(sign) > 0`,
  UNQUOTED_INTEGERS,
)

/** A range of the primary key for each message; a pair of rows that is not merged yet cancels out. */
const FIND_FACTS = named(
  'find_message_facts',
  `
  SELECT tenant_id, rules, toUnixTimestamp64Milli(facts.sent_at) AS sent_at, message_id, any(channel) AS channel, any(contact_id) AS contact_id, any(source_type) AS source_type,
    any(source_id) AS source_id, any(campaign_id) AS campaign_id, any(workflow_id) AS workflow_id, any(sequence_id) AS sequence_id, any(template_id) AS template_id,
    any(recipient_domain) AS recipient_domain, state, any(opens) AS opens, any(clicks) AS clicks, any(unknown_events) AS unknown_events, any(open_delay) AS open_delay,
    any(click_delay) AS click_delay, toUnixTimestamp64Milli(any(facts.last_event_at)) AS last_event_at, lower(hex(events)) AS events_hex
  FROM analytics_message_facts AS facts
  WHERE facts.tenant_id IN {tenants:Array(String)} AND facts.rules = {rules:UInt32}
    AND facts.sent_at IN (SELECT fromUnixTimestamp64Milli(arrayJoin({times:Array(Int64)}))) AND facts.message_id IN {messages:Array(String)}
  GROUP BY tenant_id, rules, facts.sent_at, message_id, state, facts.events HAVING sum(sign) > 0`,
  UNQUOTED_INTEGERS,
)

/** The stored rows of a message: more than one only after a crash between the two inserts of a message that moved. */
export interface StoredMessage {
  readonly rows: readonly FactsRow[]
  readonly events: readonly MessageEvent[]
}

/** What is known about a message without stored facts. */
export const NOTHING_STORED: StoredMessage = { rows: [], events: [] }

type FoundRow = Omit<FactsRow, 'sign' | 'message_hash' | 'events'> & { readonly events_hex: string }

/** The stored facts of these messages by the names of their keys; a message without stored facts is absent. */
export async function findFacts(
  connection: StoreConnection,
  keys: readonly MessageKey[],
  rules: number,
): Promise<Map<string, StoredMessage>> {
  const found = new Map<string, StoredMessage>()
  for (let start = 0; start < keys.length; start += MAX_MESSAGES_PER_QUERY)
    for (const row of await findRows(connection, keys.slice(start, start + MAX_MESSAGES_PER_QUERY), rules)) {
      const name = `${row.tenant_id}/${row.message_id}`
      const { rows, events } = found.get(name) ?? NOTHING_STORED
      found.set(name, { rows: [...rows, row], events: [...events, ...eventsOf(row)] })
    }
  return found
}

async function findRows(connection: StoreConnection, keys: readonly MessageKey[], rules: number): Promise<FactsRow[]> {
  const keysByHash = Map.groupBy(keys, ({ hash }) => hash)
  const places = await connection.query<{ hash: string; at: number }>(FIND_PLACES, {
    hashes: hexOf(keysByHash.keys()),
    count: keysByHash.size,
  })
  if (places.length === 0) return []
  const placed = places.flatMap(({ hash }) => keysByHash.get(BigInt(hash))!)
  const keyByName = new Map(placed.map((key) => [key.name, key]))
  const rows = await connection.query<FoundRow>(FIND_FACTS, {
    tenants: [...new Set(placed.map(({ tenantId }) => tenantId))],
    messages: [...new Set(placed.map(({ messageId }) => messageId))],
    times: [...new Set(places.map(({ at }) => at))],
    rules,
  })
  return rows.flatMap(({ events_hex, ...row }) => {
    const key = keyByName.get(`${row.tenant_id}/${row.message_id}`)
    return key ? [{ ...row, message_hash: key.hash, sign: 1, events: Uint8Array.fromHex(events_hex) } as const] : []
  })
}

/** Each as 8 little-endian bytes. */
function hexOf(hashes: Iterable<bigint>): string {
  const values = BigUint64Array.from(hashes)
  return new Uint8Array(values.buffer).toHex()
}

/** The events of a row; the first sending has the dimensions of the row. */
export function eventsOf(row: FactsRow): MessageEvent[] {
  const events = decodeEventList(row.events)
  const first = events.findIndex(({ kind }) => kind === 'sent')
  if (first < 0) return events
  const { channel, contact_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id } = row
  const dimensions = {
    channel,
    contact_id,
    source_type,
    source_id,
    campaign_id,
    workflow_id,
    sequence_id,
    template_id,
    recipient_domain: row.recipient_domain,
  }
  return events.with(first, { ...events[first]!, dimensions })
}

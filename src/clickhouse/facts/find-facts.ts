/** Reads the stored facts of messages. */
import { decodeEventList } from '../../messages/event-list.ts'
import type { MessageEvent } from '../../messages/message-event.ts'
import { toHex } from '../../base/bytes/hexadecimal.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { FactsBlock, type SentPlace } from './facts-block.ts'
import type { FactsRow } from './facts-row.ts'
import type { TouchedMessages } from './touched-messages.ts'

/** The number of messages in one query. */
const MAX_MESSAGES_PER_QUERY = 10_000

/** Hashes in a text of hexadecimal digits, 8 little-endian bytes each: one literal is parsed much faster than one per hash. */
const GIVEN_HASHES =
  '(SELECT reinterpretAsUInt64(substring(unhex({hashes:String}), number * 8 + 1, 8)) FROM numbers({count:UInt32}))'

/** Answered from the projection `by_message`: the cost depends on the number of hashes, not on the number of stored messages. */
const FIND_PLACES = named(
  'find_message_places',
  `
  SELECT toString(message_hash) AS hash, toUnixTimestamp64Milli(sent_at) AS at
  FROM analytics_message_facts WHERE message_hash IN ${GIVEN_HASHES}
  GROUP BY message_hash, sent_at HAVING sum(sign) > 0`,
  UNQUOTED_INTEGERS,
)

/** The granules of the keys of the messages are read; the hash is cheaper to compare per row than the key. A pair of rows that is not merged yet cancels out. */
const FIND_FACTS = named(
  'find_message_facts',
  `
  SELECT tenant_id, toUnixTimestamp64Milli(facts.sent_at) AS sent_at, message_id, any(channel) AS channel, any(contact_id) AS contact_id, any(source_type) AS source_type,
    any(source_id) AS source_id, any(campaign_id) AS campaign_id, any(workflow_id) AS workflow_id, any(sequence_id) AS sequence_id, any(template_id) AS template_id,
    any(recipient_domain) AS recipient_domain, state, any(opens) AS opens, any(clicks) AS clicks, any(unknown_events) AS unknown_events, any(open_delay) AS open_delay,
    any(click_delay) AS click_delay, any(opened_after) AS opened_after, any(clicked_after) AS clicked_after, any(human_opened_after) AS human_opened_after,
    any(human_clicked_after) AS human_clicked_after, any(delivered_after) AS delivered_after, any(disordered) AS disordered,
    toUnixTimestamp64Milli(any(facts.last_event_at)) AS last_event_at, any(action_classes) AS action_classes,
    lower(hex(events)) AS events_hex
  FROM analytics_message_facts AS facts
  WHERE facts.rules = {rules:UInt32} AND facts.message_hash IN ${GIVEN_HASHES} AND indexHint((facts.tenant_id, facts.rules, facts.sent_at, facts.message_id) IN (
    SELECT key.1, {rules:UInt32}, fromUnixTimestamp64Milli(key.2), key.3
    FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {times:Array(Int64)}, {messages:Array(String)})) AS key)))
  GROUP BY tenant_id, rules, facts.sent_at, message_id, state, facts.events HAVING sum(sign) > 0`,
  UNQUOTED_INTEGERS,
)

/** A stored row of a message. */
export interface StoredFacts {
  readonly block: FactsBlock
  readonly row: number
}

/** Calls `onFound` for each stored row of these messages: more than one of a message only after a crash between the two inserts of a message that moved. */
export async function findFacts(
  connection: StoreConnection,
  touched: TouchedMessages,
  messages: readonly number[],
  rules: number,
  onFound: (message: number, stored: StoredFacts) => void,
): Promise<void> {
  for (let start = 0; start < messages.length; start += MAX_MESSAGES_PER_QUERY) {
    const given = givenHashes(touched, messages.slice(start, start + MAX_MESSAGES_PER_QUERY))
    const places = await findPlaces(connection, given)
    if (places.length === 0) continue
    const { tenant_id, entity_id } = touched.events.columns
    const rows = await connection.query<FactsRow>(FIND_FACTS, {
      ...given.parameters,
      tenants: places.map(({ message }) => tenant_id.read(touched.firstRow(message))),
      messages: places.map(({ message }) => entity_id.read(touched.firstRow(message))!),
      times: places.map(({ at }) => at),
      rules,
    })
    const known = new Set(places.map(({ message, at }) => nameOfPlace(message, at)))
    const block = new FactsBlock()
    for (const row of rows) {
      const message = touched.find(row.tenant_id, row.message_id)
      // Other messages with the same hash, and former places, some of whose rows are in other granules.
      if (!known.has(nameOfPlace(message, row.sent_at))) continue
      block.appendRow(row, touched, message)
      onFound(message, { block, row: block.length - 1 })
    }
  }
}

function nameOfPlace(message: number, at: number): string {
  return `${message} ${at}`
}

interface GivenHashes {
  readonly messagesByHash: ReadonlyMap<bigint, readonly number[]>
  readonly parameters: { readonly hashes: string; readonly count: number }
}

function givenHashes({ hashes }: TouchedMessages, messages: readonly number[]): GivenHashes {
  const messagesByHash = new Map<bigint, number[]>()
  for (const message of messages) {
    const hash = (BigInt(hashes[message * 2 + 1]!) << 32n) | BigInt(hashes[message * 2]!)
    const others = messagesByHash.get(hash)
    if (others) others.push(message)
    else messagesByHash.set(hash, [message])
  }
  const asked = BigUint64Array.from(messagesByHash.keys())
  return { messagesByHash, parameters: { hashes: toHex(new Uint8Array(asked.buffer)), count: asked.length } }
}

/** The times under which the messages have stored rows, whatever their rules. */
async function findPlaces(
  connection: StoreConnection,
  { messagesByHash, parameters }: GivenHashes,
): Promise<{ readonly message: number; readonly at: number }[]> {
  const places = await connection.query<{ hash: string; at: number }>(FIND_PLACES, parameters)
  return places.flatMap(({ hash, at }) => messagesByHash.get(BigInt(hash))!.map((message) => ({ message, at })))
}

/** The events of a stored row; the first sending has the dimensions of the row. */
export function eventsOf({ block, row }: StoredFacts): MessageEvent<SentPlace>[] {
  const events: MessageEvent<SentPlace>[] = decodeEventList(block.listOf(row))
  const first = events.findIndex(({ kind }) => kind === 'sent')
  if (first >= 0) events[first] = { ...events[first]!, dimensions: { facts: block, row } }
  return events
}

/**
 * Keeps the facts of messages equal to what their stored events say. The events are stored first; their messages are brought up to date before the events are acknowledged,
 * so that a crash in between is followed by a redelivery. Adding an event twice changes nothing, as the facts know which events they contain.
 */
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { ClassRulesByTenant } from '../../messages/classes/class-rules.ts'
import type { MessageEvent } from '../../messages/message-event.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { encodeFacts, FACTS_TARGET } from './facts-encoding.ts'
import { type FactsRow, factsRowOf } from './facts-row.ts'
import { findFacts, NOTHING_STORED, type StoredMessage } from './find-facts.ts'
import { type RowOfMessage, type TouchedMessage, TouchedMessages } from './touched-messages.ts'

export interface MessageFactsOptions {
  readonly rules: ClassRulesByTenant
  /** The number of the rules in the rows. */
  readonly rulesNumber: number
  /** The partition of an instant in epoch milliseconds. */
  readonly partitionOf: (at: number) => number
}

/** The rows that replace those of a message. */
interface Change {
  readonly removed: readonly FactsRow[]
  readonly added: FactsRow
}

/** Only one writer may use it at a time. */
export class MessageFactsStore {
  readonly #connection: EventWriter
  readonly #options: MessageFactsOptions

  constructor(connection: EventWriter, options: MessageFactsOptions) {
    this.#connection = connection
    this.#options = options
  }

  /**
   * Adds events that are stored to the facts of their messages: rows of a block, and rows that were read back. It can be repeated. Rejects with a StoreFailure; after
   * `unavailable` the outcome is unknown.
   */
  async add(events: EventBlock, rows: RowIndexes, storedRows: Iterable<RowOfMessage> = []): Promise<void> {
    const touched = new TouchedMessages(this.#options.rules)
    touched.addRows(events, rows)
    for (const row of storedRows) touched.add(row)
    if (touched.size === 0) return
    const messages = [...touched.values()]
    const stored = await findFacts(
      this.#connection,
      messages.map(({ key }) => key),
      this.#options.rulesNumber,
    )
    const changes = messages.flatMap((message) => {
      const change = this.#changeOf(message, stored.get(message.key.name) ?? NOTHING_STORED)
      return change ? [change] : []
    })
    await this.#write(changes)
  }

  #changeOf({ key, events }: TouchedMessage, stored: StoredMessage): Change | undefined {
    const byId = new Map<string, MessageEvent>(stored.events.map((event) => [event.id, event]))
    const knownCount = byId.size
    for (const event of events) if (!byId.has(event.id)) byId.set(event.id, event)
    if (byId.size === knownCount && stored.rows.length === 1) return undefined
    const { rules, rulesNumber } = this.#options
    const added = factsRowOf(key, [...byId.values()], { number: rulesNumber, rules: rules.of(key.tenantId) })
    return { removed: stored.rows.map((row) => ({ ...row, sign: -1 as const })), added }
  }

  /**
   * One insert per partition, as an insert into two partitions is not atomic. A message that moves to another partition is added there first: after a crash in between both
   * rows are found, and the next event of the message unites them.
   */
  async #write(changes: readonly Change[]): Promise<void> {
    const { partitionOf } = this.#options
    const rowsByPartition = new Map<number, FactsRow[]>()
    const movedByPartition = new Map<number, FactsRow[]>()
    const rowsOf = (map: Map<number, FactsRow[]>, partition: number) => {
      const rows = map.get(partition) ?? []
      map.set(partition, rows)
      return rows
    }
    for (const { removed, added } of changes) {
      const partition = partitionOf(added.sent_at)
      for (const row of removed) {
        const former = partitionOf(row.sent_at)
        rowsOf(former === partition ? rowsByPartition : movedByPartition, former).push(row)
      }
      rowsOf(rowsByPartition, partition).push(added)
    }
    for (const map of [rowsByPartition, movedByPartition])
      for (const rows of map.values()) await this.#connection.insert(FACTS_TARGET, encodeFacts(rows))
  }
}

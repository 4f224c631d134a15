/**
 * Keeps the facts of messages equal to what their stored events say. The events are stored first; their messages are brought up to date before the events are acknowledged,
 * so that a crash in between is followed by a redelivery. Adding an event twice changes nothing, as the facts know which events they contain.
 */
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { ClassRules, ClassRulesByTenant } from '../../messages/classes/class-rules.ts'
import { type MessageEvent, readBlockEvent } from '../../messages/message-event.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { FactsBlock, type SentPlace } from './facts-block.ts'
import { encodeFacts, FACTS_TARGET } from './facts-encoding.ts'
import { factsValuesOf } from './facts-row.ts'
import { eventsOf, findFacts, type StoredFacts } from './find-facts.ts'
import type { MessageFilter } from './message-filter.ts'
import { RecentFacts } from './recent-facts.ts'
import { sortedRows } from './sorted-rows.ts'
import { TouchedMessages } from './touched-messages.ts'

/** The memory of the messages that were written last: about a hundred thousand of them. */
const RECENT_BYTES = 24 * 1_048_576
/** Calculated without a break: a few milliseconds. */
const STEP_MESSAGES = 2_048
/** More events than this are compared through a map. */
const FEW_EVENTS = 8
const HASH_BYTES = 8

export interface MessageFactsOptions {
  readonly rules: ClassRulesByTenant
  /** The number of the rules in the rows. */
  readonly rulesNumber: number
  /** The partition of an instant in epoch milliseconds. */
  readonly partitionOf: (at: number) => number
  /** Has to contain every message with facts of these rules, unless it says that it does not. By default every message is looked up. */
  readonly filter?: MessageFilter | undefined
  readonly yielder?: EventLoopYielder | undefined
}

/** Only one writer may use it at a time. */
export class MessageFactsStore {
  readonly #connection: EventWriter
  readonly #options: MessageFactsOptions
  readonly #recent = new RecentFacts(RECENT_BYTES)

  constructor(connection: EventWriter, options: MessageFactsOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Adds rows of a block, which are stored, to the facts of their messages. It can be repeated. Rejects with a StoreFailure; after `unavailable` the outcome is unknown. */
  async add(events: EventBlock, rows: RowIndexes): Promise<void> {
    const touched = new TouchedMessages(events, rows)
    if (touched.size === 0) return
    try {
      const changes = await this.#changesOf(touched, await this.#findStored(touched))
      if (changes.length === 0) return
      const hashes = hashBytes(touched)
      this.#options.filter?.add(hashes)
      await this.#write(changes)
      this.#options.filter?.settle([hashes])
      this.#recent.keep(changes)
    } catch (error) {
      // Whether rows were written is unknown.
      this.#recent.clear()
      throw error
    }
  }

  /**
   * Makes the facts of messages equal to what `stored` says, all of their stored events; facts of messages without an event are removed. `messages` has one row per message,
   * whatever its event. It can be repeated. Rejects like `add`.
   */
  async replace(messages: EventBlock, stored: EventBlock): Promise<void> {
    this.#recent.clear()
    const touched = new TouchedMessages(messages, messages.allRows())
    const remaining = new TouchedMessages(stored, stored.allRows())
    const formerRows = await this.#findStored(touched)
    const changes = new FactsBlock()
    for (let message = 0; message < touched.size; message++) {
      for (const { block, row } of formerRows[message] ?? []) changes.copy(block, row, -1)
      const row = touched.firstRow(message)
      const found = remaining.find(touched.tenantIdOf(row), messages.columns.entity_id.read(row)!)
      if (found < 0) continue
      const rules = this.#options.rules.of(touched.tenantIdOf(row))
      const events = distinct(eventsOfRows(remaining, found, rules))
      const values = factsValuesOf(events, rules)
      changes.append(remaining, found, events, values, values.sent?.dimensions)
    }
    if (changes.length === 0) return
    const hashes = hashBytes(touched)
    this.#options.filter?.add(hashes)
    await this.#write(changes)
    this.#options.filter?.settle([hashes])
  }

  /** Forgets what is known about stored facts: others may have written some since. */
  invalidate(): void {
    this.#recent.clear()
  }

  /** The stored rows of each message that has any. */
  async #findStored(touched: TouchedMessages): Promise<readonly (readonly StoredFacts[] | undefined)[]> {
    const stored: (StoredFacts[] | undefined)[] = Array.from({ length: touched.size })
    const unknown: number[] = []
    const { filter } = this.#options
    const asked = filter ? await filter.candidates(hashBytes(touched)) : Uint32Array.from(stored.keys())
    for (const message of asked) {
      const found = this.#recent.find(touched, message)
      if (found) stored[message] = [found]
      else unknown.push(message)
    }
    await findFacts(this.#connection, touched, unknown, this.#options.rulesNumber, (message, found) => {
      const others = stored[message]
      if (others) others.push(found)
      else stored[message] = [found]
    })
    return stored
  }

  /** The rows that are removed and added. */
  async #changesOf(
    touched: TouchedMessages,
    stored: readonly (readonly StoredFacts[] | undefined)[],
  ): Promise<FactsBlock> {
    const { rules, yielder } = this.#options
    const formerCount = stored.reduce((sum, former) => sum + (former?.length ?? 0), 0)
    const changes = new FactsBlock(touched.size + formerCount)
    for (let message = 0; message < touched.size; message++) {
      if (message % STEP_MESSAGES === STEP_MESSAGES - 1) await yielder?.yieldIfBusy()
      const row = touched.firstRow(message)
      const rulesOfTenant = rules.of(touched.tenantIdOf(row))
      const former = stored[message] ?? []
      const events = former.length === 0 ? [] : distinct(former.flatMap(eventsOf))
      const knownCount = events.length
      for (const event of eventsOfRows(touched, message, rulesOfTenant)) events.push(event)
      const united = events.length === 1 ? events : distinct(events)
      if (united.length === knownCount && former.length === 1) continue
      const values = factsValuesOf(united, rulesOfTenant)
      for (const { block, row: formerRow } of former) changes.copy(block, formerRow, -1)
      changes.append(touched, message, united, values, values.sent?.dimensions)
    }
    return changes
  }

  /**
   * One insert per partition, as an insert into two partitions is not atomic. A message that moves to another partition is added there first: after a crash in between both
   * rows are found, and the next event of the message unites them.
   */
  async #write(changes: FactsBlock): Promise<void> {
    const { partitionOf, rulesNumber } = this.#options
    const rowsByPartition = new Map<number, number[]>()
    const movedByPartition = new Map<number, number[]>()
    const { sent_at } = changes.columns
    // The removed rows of a message stand before the row that is added, if there is one.
    let removed: number[] = []
    for (let row = 0; row < changes.length; row++) {
      if (changes.signs[row] === -1) {
        removed.push(row)
        continue
      }
      const partition = partitionOf(sent_at.values[row]!)
      for (const formerRow of removed) {
        const former = partitionOf(sent_at.values[formerRow]!)
        push(former === partition ? rowsByPartition : movedByPartition, former, formerRow)
      }
      push(rowsByPartition, partition, row)
      removed = []
    }
    for (const row of removed) push(movedByPartition, partitionOf(sent_at.values[row]!), row)
    for (const map of [rowsByPartition, movedByPartition])
      for (const rows of map.values()) {
        await this.#options.yielder?.yieldIfBusy()
        await this.#connection.insert(FACTS_TARGET, encodeFacts(changes, sortedRows(changes, rows), rulesNumber))
      }
  }
}

/** The events of a touched message. */
function eventsOfRows(touched: TouchedMessages, message: number, rules: ClassRules): MessageEvent<SentPlace>[] {
  const { events } = touched
  const placeOf = (row: number, recipientDomain: string | null): SentPlace => ({ events, row, recipientDomain })
  const found: MessageEvent<SentPlace>[] = []
  for (let row = touched.firstRow(message); row >= 0; row = touched.nextRow(row))
    found.push(readBlockEvent(events, row, touched.kindOf(row), rules, placeOf))
  return found
}

/** The hashes of messages as bytes. */
function hashBytes({ hashes, size }: TouchedMessages): Uint8Array {
  return new Uint8Array(hashes.buffer, 0, size * HASH_BYTES)
}

function push(map: Map<number, number[]>, partition: number, row: number): void {
  const rows = map.get(partition)
  if (rows) rows.push(row)
  else map.set(partition, [row])
}

/** The events, each once: of those with the same id the first. */
function distinct(events: MessageEvent<SentPlace>[]): MessageEvent<SentPlace>[] {
  if (events.length > FEW_EVENTS) {
    const byId = new Map<string, MessageEvent<SentPlace>>()
    for (const event of events) if (!byId.has(event.id)) byId.set(event.id, event)
    return byId.size === events.length ? events : [...byId.values()]
  }
  return events.filter((event, index) => {
    for (let other = 0; other < index; other++) if (events[other]!.id === event.id) return false
    return true
  })
}

/** The messages that rows of events belong to, with those of their events. */
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { ClassRulesByTenant } from '../../messages/classes/class-rules.ts'
import {
  isMessageEventType,
  type MessageEvent,
  type MessageRow,
  readMessageEvent,
} from '../../messages/message-event.ts'
import { type MessageKey, messageKeyOf } from './message-key.ts'

export interface TouchedMessage {
  readonly key: MessageKey
  readonly events: MessageEvent[]
}

/** An event as a row that names its message. */
export type RowOfMessage = MessageRow & { readonly tenant_id: string; readonly entity_id: string }

export class TouchedMessages {
  readonly #rules: ClassRulesByTenant
  readonly #byName = new Map<string, TouchedMessage>()

  constructor(rules: ClassRulesByTenant) {
    this.#rules = rules
  }

  /** Adds those rows that are events of messages. */
  addRows(events: EventBlock, rows: RowIndexes): void {
    const { symbols, indexes } = events.columns.event_type
    const isOfMessage = Array.from({ length: symbols.size }, (_, symbol) => isMessageEventType(symbols.text(symbol)))
    for (const row of rows) if (isOfMessage[indexes[row]!]) this.add(events.readRow(row))
  }

  add(row: RowOfMessage): void {
    const event = readMessageEvent(row, this.#rules.of(row.tenant_id))
    if (event === undefined) return
    this.touch(row.tenant_id, row.entity_id).events.push(event)
  }

  /** The message, which may have no events. */
  touch(tenantId: string, messageId: string): TouchedMessage {
    const key = messageKeyOf(tenantId, messageId)
    let message = this.#byName.get(key.name)
    if (!message) this.#byName.set(key.name, (message = { key, events: [] }))
    return message
  }

  values(): Iterable<TouchedMessage> {
    return this.#byName.values()
  }

  get size(): number {
    return this.#byName.size
  }
}

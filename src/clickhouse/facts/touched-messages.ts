/** The messages that rows of a block are events of, each once, as numbers from 0. No message and no event has an object of its own. */
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import { messageEventKind, type MessageEventKind } from '../../messages/message-event.ts'
import { hashMessage } from './message-hash.ts'

const NONE = 0xffff_ffff
const encoder = new TextEncoder()

export class TouchedMessages {
  readonly events: EventBlock
  /** By symbol of the event type; undefined for events that belong to no message. */
  readonly #kinds: readonly (MessageEventKind | undefined)[]
  readonly #tenants: readonly Uint8Array[]
  /** By message: the two halves of its hash, the low one first. */
  readonly #hashes: Uint32Array<ArrayBuffer>
  /** By message: its first and its last row; by row of the block: the next row of its message. */
  readonly #firstRows: Uint32Array
  readonly #lastRows: Uint32Array
  readonly #nextRows: Uint32Array
  /** Open addressing by hash: a message plus 1, or 0. */
  readonly #slots: Uint32Array
  readonly #candidate = new Uint32Array(2)
  #size = 0

  constructor(events: EventBlock, rows: RowIndexes) {
    this.events = events
    const { event_type, tenant_id } = events.columns
    this.#kinds = Array.from({ length: event_type.symbols.size }, (_, symbol) =>
      messageEventKind(event_type.symbols.text(symbol)),
    )
    this.#tenants = Array.from({ length: tenant_id.symbols.size }, (_, symbol) => tenant_id.symbols.bytes(symbol))
    this.#hashes = new Uint32Array(rows.length * 2)
    this.#firstRows = new Uint32Array(rows.length)
    this.#lastRows = new Uint32Array(rows.length)
    this.#nextRows = new Uint32Array(events.length).fill(NONE)
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(rows.length, 8) * 2)))
    for (let index = 0; index < rows.length; index++)
      if (this.#kinds[event_type.indexes[rows[index]!]!] !== undefined) this.#add(rows[index]!)
  }

  /** The number of messages. */
  get size(): number {
    return this.#size
  }

  /** The halves of the hash of each message, the low one first; there is room for more messages. */
  get hashes(): Uint32Array<ArrayBuffer> {
    return this.#hashes
  }

  /** The first row of a message; its tenant and its id are those of the message. */
  firstRow(message: number): number {
    return this.#firstRows[message]!
  }

  /** The row after another one of the same message; -1 after the last. */
  nextRow(row: number): number {
    const next = this.#nextRows[row]!
    return next === NONE ? -1 : next
  }

  kindOf(row: number): MessageEventKind {
    return this.#kinds[this.events.columns.event_type.indexes[row]!]!
  }

  tenantIdOf(row: number): string {
    return this.events.columns.tenant_id.read(row)
  }

  /** The message with this id, or -1. */
  find(tenantId: string, messageId: string): number {
    const tenant = this.events.columns.tenant_id.symbols.findText(tenantId)
    if (tenant === undefined) return -1
    const id = encoder.encode(messageId)
    const slot = this.#findSlot(tenant, id, 0, id.length)
    return this.#slots[slot]! - 1
  }

  #add(row: number): void {
    const { tenant_id, entity_id } = this.events.columns
    const slot = this.#findSlot(tenant_id.indexes[row]!, entity_id.bytes, entity_id.start(row), entity_id.ends[row]!)
    const found = this.#slots[slot]! - 1
    if (found >= 0) {
      this.#nextRows[this.#lastRows[found]!] = row
      this.#lastRows[found] = row
      return
    }
    const message = this.#size++
    this.#slots[slot] = message + 1
    this.#hashes[message * 2] = this.#candidate[0]!
    this.#hashes[message * 2 + 1] = this.#candidate[1]!
    this.#firstRows[message] = row
    this.#lastRows[message] = row
  }

  /** The slot of the message with this tenant and id, or the free one where it belongs. Leaves its hash in `#candidate`. */
  #findSlot(tenant: number, source: Uint8Array, from: number, to: number): number {
    const { tenant_id, entity_id } = this.events.columns
    hashMessage(this.#tenants[tenant]!, source, from, to, this.#candidate, 0)
    const low = this.#candidate[0]!
    const high = this.#candidate[1]!
    const mask = this.#slots.length - 1
    let slot = low & mask
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      const message = found - 1
      if (this.#hashes[message * 2] === low && this.#hashes[message * 2 + 1] === high) {
        const row = this.#firstRows[message]!
        if (tenant_id.indexes[row] === tenant && entity_id.holds(row, source, from, to)) return slot
      }
      slot = (slot + 1) & mask
    }
    return slot
  }
}

/** Rows of `analytics_message_facts` as columns: what is written, what was read, and what is remembered. A row has no object of its own. */
import { enlarged } from '../../events/block/byte-interner.ts'
import { NumberColumn, SymbolColumn, TextColumn, TimeColumn } from '../../events/block/block-columns.ts'
import type { EventBlock } from '../../events/block/event-block.ts'
import { setEventList } from '../../messages/event-list.ts'
import type { MessageEvent } from '../../messages/message-event.ts'
import type { FactsRow, FactsValues } from './facts-row.ts'
import type { TouchedMessages } from './touched-messages.ts'

const FIRST_ROWS = 256
const NUMBER_COLUMNS = ['state', 'opens', 'clicks', 'unknown_events', 'action_classes', 'disordered'] as const
const TIME_COLUMNS = [
  'sent_at',
  'open_delay',
  'click_delay',
  'last_event_at',
  'opened_after',
  'clicked_after',
  'human_opened_after',
  'human_clicked_after',
  'delivered_after',
] as const
/** The dimensions of a sending that have a column of events. */
const SYMBOL_DIMENSIONS = ['channel', 'source_type'] as const
const TEXT_DIMENSIONS = ['contact_id', 'source_id', 'campaign_id', 'workflow_id', 'sequence_id', 'template_id'] as const

/** Where the dimensions of a sending stand: in a row of an event block, with the domain of its recipient, or in a stored row. */
export type SentPlace =
  | { readonly events: EventBlock; readonly row: number; readonly recipientDomain: string | null }
  | { readonly facts: FactsBlock; readonly row: number }

const columnsFor = (rows: number) => ({
  tenant_id: new SymbolColumn(rows),
  sent_at: new TimeColumn(rows),
  message_id: new TextColumn(rows),
  channel: new SymbolColumn(rows),
  contact_id: new TextColumn(rows),
  source_type: new SymbolColumn(rows),
  source_id: new TextColumn(rows),
  campaign_id: new TextColumn(rows),
  workflow_id: new TextColumn(rows),
  sequence_id: new TextColumn(rows),
  template_id: new TextColumn(rows),
  recipient_domain: new TextColumn(rows),
  state: new NumberColumn(rows),
  opens: new NumberColumn(rows),
  clicks: new NumberColumn(rows),
  unknown_events: new NumberColumn(rows),
  open_delay: new TimeColumn(rows),
  click_delay: new TimeColumn(rows),
  last_event_at: new TimeColumn(rows),
  action_classes: new NumberColumn(rows),
  opened_after: new TimeColumn(rows),
  clicked_after: new TimeColumn(rows),
  human_opened_after: new TimeColumn(rows),
  human_clicked_after: new TimeColumn(rows),
  delivered_after: new TimeColumn(rows),
  disordered: new NumberColumn(rows),
  /** The bytes of the list of events. */
  events: new TextColumn(rows),
})

export class FactsBlock {
  readonly columns: ReturnType<typeof columnsFor>
  /** By row: the two halves of the hash of the message, the low one first. */
  hashes: Uint32Array<ArrayBuffer>
  /** By row: 1, or -1 for a row that is removed. */
  signs: Int8Array<ArrayBuffer>
  #length = 0

  /** `rows` is the expected number of rows. */
  constructor(rows = FIRST_ROWS) {
    this.columns = columnsFor(rows)
    this.hashes = new Uint32Array(rows * 2)
    this.signs = new Int8Array(rows)
  }

  get length(): number {
    return this.#length
  }

  /** The memory that it uses, in bytes. */
  get byteLength(): number {
    const columns = Object.values(this.columns).reduce((sum, { byteLength }) => sum + byteLength, 0)
    return columns + this.hashes.byteLength + this.signs.byteLength
  }

  /** Appends a row of another block with this sign. */
  copy(from: FactsBlock, row: number, sign: 1 | -1): void {
    const to = this.#open(sign, from.hashes, row)
    const { columns } = this
    columns.tenant_id.copy(to, from.columns.tenant_id, row)
    columns.message_id.copy(to, from.columns.message_id, row)
    columns.events.copy(to, from.columns.events, row)
    for (const name of TIME_COLUMNS) columns[name].set(to, from.columns[name].values[row]!)
    for (const name of NUMBER_COLUMNS) columns[name].set(to, from.columns[name].values[row]!)
    this.#copyDimensions(to, { facts: from, row })
    this.#length++
  }

  /** Appends the row of a message with these events, each once. */
  append(
    touched: TouchedMessages,
    message: number,
    events: readonly MessageEvent<SentPlace>[],
    values: FactsValues,
    sent: SentPlace | undefined,
  ): void {
    const to = this.#open(1, touched.hashes, message)
    const { columns } = this
    const { columns: source } = touched.events
    const row = touched.firstRow(message)
    columns.tenant_id.copy(to, source.tenant_id, row)
    columns.message_id.copy(to, source.entity_id, row)
    setEventList(columns.events, to, events)
    for (const name of TIME_COLUMNS) columns[name].set(to, values[name])
    for (const name of NUMBER_COLUMNS) columns[name].set(to, values[name])
    this.#copyDimensions(to, sent)
    this.#length++
  }

  /** Appends a row that was read, of a touched message. */
  appendRow(row: FactsRow, touched: TouchedMessages, message: number): void {
    const to = this.#open(1, touched.hashes, message)
    const { columns } = this
    columns.tenant_id.set(to, row.tenant_id)
    columns.message_id.set(to, row.message_id)
    const list = bytesOfHex(row.events_hex)
    columns.events.setBytes(to, list, 0, list.length)
    for (const name of TIME_COLUMNS) columns[name].set(to, row[name])
    for (const name of NUMBER_COLUMNS) columns[name].set(to, row[name])
    for (const name of SYMBOL_DIMENSIONS) columns[name].set(to, row[name])
    for (const name of TEXT_DIMENSIONS) columns[name].set(to, row[name])
    columns.recipient_domain.set(to, row.recipient_domain)
    this.#length++
  }

  /** The bytes of the list of the events of a row. */
  listOf(row: number): Uint8Array {
    const { events } = this.columns
    return events.bytes.subarray(events.start(row), events.ends[row])
  }

  /** Begins a row; its hash is the one at `index` of `hashes`. */
  #open(sign: 1 | -1, hashes: Uint32Array, index: number): number {
    const row = this.#length
    if (row >= this.signs.length) {
      this.signs = enlarged(this.signs, row + 1)
      this.hashes = enlarged(this.hashes, (row + 1) * 2)
    }
    this.signs[row] = sign
    this.hashes[row * 2] = hashes[index * 2]!
    this.hashes[row * 2 + 1] = hashes[index * 2 + 1]!
    return row
  }

  #copyDimensions(to: number, sent: SentPlace | undefined): void {
    const { columns } = this
    if (sent === undefined) {
      for (const name of SYMBOL_DIMENSIONS) columns[name].set(to, '')
      for (const name of TEXT_DIMENSIONS) columns[name].setNull(to)
      columns.recipient_domain.setNull(to)
      return
    }
    const { columns: from } = 'facts' in sent ? sent.facts : sent.events
    for (const name of SYMBOL_DIMENSIONS) columns[name].copy(to, from[name], sent.row)
    for (const name of TEXT_DIMENSIONS) columns[name].copy(to, from[name], sent.row)
    if ('facts' in sent) columns.recipient_domain.copy(to, sent.facts.columns.recipient_domain, sent.row)
    else columns.recipient_domain.set(to, sent.recipientDomain)
  }
}

function bytesOfHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)
  return bytes
}

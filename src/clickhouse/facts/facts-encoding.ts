import type { RowIndexes } from '../../events/block/event-block.ts'
import type { InsertTarget } from '../connection/store-connection.ts'
import { ByteWriter } from '../write/byte-writer.ts'
import { type Selection, writeColumn } from '../write/event-encoding.ts'
import type { FactsBlock } from './facts-block.ts'

/** Writes the values of a column of the selected rows. */
type WriteValues = (writer: ByteWriter, block: FactsBlock, selection: Selection, rules: number) => void

interface FactsColumn {
  readonly name: string
  readonly type: string
  readonly write: WriteValues
}

type Name = keyof FactsBlock['columns']

/** A column of milliseconds. They are encoded like instants: 64 bits, two's complement. */
function delayColumn(name: Name): FactsColumn {
  return { ...column(name, 'DateTime64(3)'), type: 'Int64' }
}

/** A column that the block has in the same form as an event block. */
function column(name: Name, type: Parameters<typeof writeColumn>[1]): FactsColumn {
  return { name, type, write: (writer, { columns }, selection) => writeColumn(writer, type, columns[name], selection) }
}

const COLUMNS: readonly FactsColumn[] = [
  column('tenant_id', 'String'),
  {
    name: 'rules',
    type: 'UInt32',
    write(writer, _, { rows }, rules) {
      for (let index = 0; index < rows.length; index++) writer.uint32(rules)
    },
  },
  column('sent_at', 'DateTime64(3)'),
  column('message_id', 'String'),
  {
    name: 'message_hash',
    type: 'UInt64',
    write(writer, { hashes }, { rows }) {
      for (const row of rows) {
        writer.uint32(hashes[row * 2]!)
        writer.uint32(hashes[row * 2 + 1]!)
      }
    },
  },
  {
    name: 'sign',
    type: 'Int8',
    write(writer, { signs }, { rows }) {
      for (const row of rows) writer.byte(signs[row]! & 0xff)
    },
  },
  column('channel', 'LowCardinality(String)'),
  column('contact_id', 'Nullable(String)'),
  column('source_type', 'LowCardinality(String)'),
  column('source_id', 'Nullable(String)'),
  column('campaign_id', 'Nullable(String)'),
  column('workflow_id', 'Nullable(String)'),
  column('sequence_id', 'Nullable(String)'),
  column('template_id', 'Nullable(String)'),
  column('recipient_domain', 'Nullable(String)'),
  column('state', 'UInt32'),
  column('opens', 'UInt32'),
  column('clicks', 'UInt32'),
  column('unknown_events', 'UInt32'),
  delayColumn('open_delay'),
  delayColumn('click_delay'),
  delayColumn('opened_after'),
  delayColumn('clicked_after'),
  delayColumn('human_opened_after'),
  delayColumn('human_clicked_after'),
  delayColumn('delivered_after'),
  column('disordered', 'UInt32'),
  column('last_event_at', 'DateTime64(3)'),
  column('events', 'String'),
  column('action_classes', 'UInt32'),
]

export const FACTS_TARGET = { table: 'analytics_message_facts', columns: COLUMNS } satisfies InsertTarget

/** These rows of a block in the Native format, calculated by the rules of this number. Throws a StoreFailure `rejected` for a value that its column cannot hold. */
export function encodeFacts(block: FactsBlock, rows: RowIndexes, rules: number): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1_024 + rows.length * 256)
  const selection = { rows, isWhole: false }
  writer.varint(COLUMNS.length)
  writer.varint(rows.length)
  for (const { name, type, write } of COLUMNS) {
    writer.text(name)
    writer.text(type)
    write(writer, block, selection, rules)
  }
  return writer.bytes
}

import type { InsertTarget } from '../connection/store-connection.ts'
import type { ByteWriter } from '../write/byte-writer.ts'
import { type BlockColumn, columnsOf } from '../write/column-formats.ts'
import { encodeBlock } from '../write/native-block.ts'
import type { FactsRow } from './facts-row.ts'

const column = (
  name: keyof FactsRow,
  type: string,
  write: (writer: ByteWriter, row: FactsRow) => void,
): BlockColumn<FactsRow> => ({
  name,
  type,
  write(writer, rows) {
    for (let index = 0; index < rows.length; index++) write(writer, rows[index]!)
  },
})

const COLUMNS: readonly BlockColumn<FactsRow>[] = [
  ...columnsOf([
    { name: 'tenant_id', type: 'String' },
    { name: 'rules', type: 'UInt32' },
    { name: 'sent_at', type: 'DateTime64(3)' },
    { name: 'message_id', type: 'String' },
  ]),
  column('message_hash', 'UInt64', (writer, { message_hash }) => writer.uint64(message_hash)),
  column('sign', 'Int8', (writer, { sign }) => writer.byte(sign & 0xff)),
  ...columnsOf([
    { name: 'channel', type: 'LowCardinality(String)' },
    { name: 'contact_id', type: 'Nullable(String)' },
    { name: 'source_type', type: 'LowCardinality(String)' },
    { name: 'source_id', type: 'Nullable(String)' },
    { name: 'campaign_id', type: 'Nullable(String)' },
    { name: 'workflow_id', type: 'Nullable(String)' },
    { name: 'sequence_id', type: 'Nullable(String)' },
    { name: 'template_id', type: 'Nullable(String)' },
    { name: 'recipient_domain', type: 'Nullable(String)' },
    { name: 'state', type: 'UInt32' },
    { name: 'opens', type: 'UInt32' },
    { name: 'clicks', type: 'UInt32' },
    { name: 'unknown_events', type: 'UInt32' },
  ]),
  column('open_delay', 'Int64', (writer, { open_delay }) => writer.int64(open_delay)),
  column('click_delay', 'Int64', (writer, { click_delay }) => writer.int64(click_delay)),
  ...columnsOf([{ name: 'last_event_at', type: 'DateTime64(3)' }]),
  column('events', 'String', (writer, { events }) => {
    writer.varint(events.length)
    writer.append(events)
  }),
]

export const FACTS_TARGET = { table: 'analytics_message_facts', columns: COLUMNS } satisfies InsertTarget

export function encodeFacts(rows: readonly FactsRow[]): Uint8Array<ArrayBuffer> {
  return encodeBlock(COLUMNS, rows)
}

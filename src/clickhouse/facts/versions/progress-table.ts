/** The table of how far each version is, by partition of tenants. Only the process that stores a partition writes its rows, with the epoch of its writer. */
import { encodeBlock } from '../../write/native-block.ts'
import { columnsOf } from '../../write/column-formats.ts'
import { named, UNQUOTED_INTEGERS } from '../../connection/named-statement.ts'
import type { EventWriter, StoreConnection } from '../../connection/store-connection.ts'

/** The columns of the migration. Instants in epoch milliseconds. */
export interface ProgressRow {
  readonly number: number
  readonly tenant_partition: number
  readonly revision: number
  readonly wanted: string
  readonly position: string
  readonly events: number
  readonly events_done: number
  readonly is_complete: number
  readonly written_until: number
}

const PROGRESS_TARGET = {
  table: 'analytics_facts_progress',
  columns: columnsOf([
    { name: 'number', type: 'UInt32' },
    { name: 'tenant_partition', type: 'UInt32' },
    { name: 'revision', type: 'UInt32' },
    { name: 'wanted', type: 'String' },
    { name: 'position', type: 'String' },
    { name: 'events', type: 'UInt32' },
    { name: 'events_done', type: 'UInt32' },
    { name: 'is_complete', type: 'UInt32' },
    { name: 'written_until', type: 'DateTime64(3)' },
  ]),
}

const READ_PROGRESS = named(
  'read_facts_progress',
  `
  SELECT number, tenant_partition, latest.1 AS revision, latest.2 AS wanted, latest.3 AS position, latest.4 AS events, latest.5 AS events_done, latest.6 AS is_complete,
    latest.7 AS written_until
  FROM (
    SELECT number, tenant_partition,
      max((revision, wanted, position, events, events_done, is_complete, toUnixTimestamp64Milli(written_until))) AS latest
    FROM analytics_facts_progress WHERE number IN {numbers:Array(UInt32)} GROUP BY number, tenant_partition
  )
  ORDER BY number, tenant_partition`,
  UNQUOTED_INTEGERS,
)

/** The latest row of each partition of these versions. Rejects with a StoreFailure. */
export function readProgress(connection: StoreConnection, numbers: readonly number[]): Promise<ProgressRow[]> {
  return numbers.length === 0 ? Promise.resolve([]) : connection.query<ProgressRow>(READ_PROGRESS, { numbers })
}

/** Rejects with a StoreFailure; the rows can be written again then, under the same revision. */
export async function writeProgress(writer: EventWriter, rows: readonly ProgressRow[]): Promise<void> {
  if (rows.length > 0) await writer.insert(PROGRESS_TARGET, encodeBlock(PROGRESS_TARGET.columns, rows))
}

import { storedUuidTexts } from '../../base/bytes/uuid-bytes.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import { EVENT_COLUMNS } from '../../events/columns.ts'
import type { EventRow } from '../../events/event-row.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { selectList } from './column-formats.ts'
import { idsOfRows, tenantsOfRows } from './selected-rows.ts'

/** The number of rows that one query reads. */
const MAX_ROWS_PER_QUERY = 5_000

// The conditions name the table, since `id` alone would refer to the selected text of that name.
const FIND_STORED_ROWS = named(
  'find_stored_rows',
  `
  SELECT ${selectList(EVENT_COLUMNS)}
  FROM analytics_events AS events
  WHERE events.tenant_id IN {tenants:Array(String)} AND events.id IN {ids:Array(UUID)}`,
  UNQUOTED_INTEGERS,
)

/** The stored rows with the ids of these rows, by id, for comparison with repeated events. */
export async function findStoredRows(
  connection: StoreConnection,
  events: EventBlock,
  rows: RowIndexes,
): Promise<Map<string, EventRow>> {
  const stored = new Map<string, EventRow>()
  for (let start = 0; start < rows.length; start += MAX_ROWS_PER_QUERY) {
    const slice = rows.subarray(start, start + MAX_ROWS_PER_QUERY)
    const found = await connection.query<EventRow>(FIND_STORED_ROWS, {
      tenants: tenantsOfRows(events, slice),
      ids: storedUuidTexts(idsOfRows(events, slice)),
    })
    for (const row of found) stored.set(row.id, row)
  }
  return stored
}

import { EVENT_COLUMNS } from '../../events/columns.ts'
import type { EventRow } from '../../events/event-row.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { selectList } from './column-formats.ts'

/** So many whole rows are read by one statement. */
const MAX_ROWS_PER_QUERY = 5_000

// The conditions name the table, since `id` alone would refer to the selected text of that name.
const FIND_STORED_ROWS = `
  SELECT ${selectList(EVENT_COLUMNS)}
  FROM analytics_events AS events
  WHERE events.tenant_id IN {tenants:Array(String)} AND events.id IN {ids:Array(UUID)}
  SETTINGS log_comment = 'find_stored_rows', output_format_json_quote_64bit_integers = 0`

/** What is stored under the ids of `rows`, by id: to compare repeats with the event that is kept. */
export async function findStoredRows(
  connection: StoreConnection,
  rows: readonly EventRow[],
): Promise<Map<string, EventRow>> {
  const stored = new Map<string, EventRow>()
  for (let start = 0; start < rows.length; start += MAX_ROWS_PER_QUERY) {
    const slice = rows.slice(start, start + MAX_ROWS_PER_QUERY)
    const found = await connection.query<EventRow>(FIND_STORED_ROWS, {
      tenants: [...new Set(slice.map((row) => row.tenant_id))],
      ids: slice.map((row) => row.id),
    })
    for (const row of found) stored.set(row.id, row)
  }
  return stored
}

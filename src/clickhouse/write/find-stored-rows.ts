import type { EventRow } from '../../events/event-row.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

/** So many whole rows are read by one statement. */
const MAX_ROWS_PER_QUERY = 5_000

// Conditions name the table: `id` alone would be the text that is selected under that name.
const FIND_STORED_ROWS = `
  SELECT toString(id) AS id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id,
    campaign_id, workflow_id, sequence_id, template_id, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_at, step_number, enrollment_id
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

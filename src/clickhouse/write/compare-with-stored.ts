import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import { type EventRow, isSameEvent } from '../../events/event-row.ts'
import type { StoredComparison } from '../../ingest/ports.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { hexOf } from './id-lists.ts'
import { idsOfRows, inKeyOrder, keysOfRows } from './selected-rows.ts'
import { findIds } from './stored-id-lookup.ts'
import { FIND_ROWS_AT_KEYS } from './stored-id-queries.ts'

/** The number of rows that one query reads: half a block, whose rows take a few MB. */
const MAX_ROWS_PER_QUERY = 12_500

/**
 * Compares rows with the stored ones of their ids: see `EventStore.compareWithStored`. A row that is stored with the same contents is stored with the same primary key.
 * Therefore only the granules of the given keys are read; of the other rows it is enough to know whether their ids are stored.
 */
export async function compareWithStored(
  connection: StoreConnection,
  events: EventBlock,
  rows: RowIndexes,
): Promise<StoredComparison[]> {
  const comparisons = new Map<number, StoredComparison>()
  // Each query reads other granules.
  const sorted = inKeyOrder(events, rows)
  for (let start = 0; start < sorted.length; start += MAX_ROWS_PER_QUERY) {
    const asked = sorted.slice(start, start + MAX_ROWS_PER_QUERY)
    const stored = await readRowsAtKeys(connection, events, asked)
    for (const row of asked) {
      const one = stored.get(events.columns.id.read(row))
      if (one) comparisons.set(row, isSameEvent(one, events.readRow(row)) ? 'same' : 'different')
    }
  }
  // After the rows were read: of a row that was deleted meanwhile the id is not found either.
  const elsewhere = rows.filter((row) => !comparisons.has(row))
  const positions = Uint32Array.from(elsewhere.keys())
  for (const position of await findIds(connection, idsOfRows(events, elsewhere), positions))
    comparisons.set(elsewhere[position]!, 'different')
  return Array.from(rows, (row) => comparisons.get(row) ?? 'missing')
}

/** The rows that are stored with the primary keys of these rows, by id. */
async function readRowsAtKeys(
  connection: StoreConnection,
  events: EventBlock,
  rows: RowIndexes,
): Promise<Map<string, EventRow>> {
  const found = await connection.query<EventRow>(FIND_ROWS_AT_KEYS, {
    ...keysOfRows(events, rows),
    ids: hexOf(idsOfRows(events, rows)),
    count: rows.length,
  })
  return new Map(found.map((row) => [row.id, row]))
}

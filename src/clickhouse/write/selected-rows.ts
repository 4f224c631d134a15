import { UUID_BYTES } from '../../base/bytes/uuid-bytes.ts'
import type { SymbolColumn } from '../../events/block/block-columns.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import { ByteWriter } from './byte-writer.ts'
import { hexOf } from './id-lists.ts'
import type { GivenKeys } from './stored-id-queries.ts'

/** Two integers of 4 bytes and one of 8. */
const KEY_BYTES = 16

/** The ids of these rows one after the other, 16 bytes each, as the engine stores them. */
export function idsOfRows({ length, columns: { id } }: EventBlock, rows: RowIndexes): Uint8Array {
  if (rows.length === length) return id.bytes.subarray(0, length * UUID_BYTES)
  const ids = new Uint8Array(rows.length * UUID_BYTES)
  let at = 0
  for (const row of rows)
    for (let offset = row * UUID_BYTES; offset < (row + 1) * UUID_BYTES;) ids[at++] = id.bytes[offset++]!
  return ids
}

/** The rows in the order of their primary keys, in which neighbours share granules. The tenants and types are in no particular order. */
export function inKeyOrder(
  { columns: { tenant_id, event_type, occurred_at } }: EventBlock,
  rows: RowIndexes,
): RowIndexes {
  return rows.toSorted(
    (a, b) =>
      tenant_id.indexes[a]! - tenant_id.indexes[b]! ||
      event_type.indexes[a]! - event_type.indexes[b]! ||
      occurred_at.values[a]! - occurred_at.values[b]!,
  )
}

/** The primary keys of these rows, in their order. */
export function keysOfRows(
  { columns: { tenant_id, event_type, occurred_at } }: EventBlock,
  rows: RowIndexes,
): GivenKeys {
  const [tenants, types] = [numbered(tenant_id, rows), numbered(event_type, rows)]
  const keys = new ByteWriter(rows.length * KEY_BYTES)
  for (const row of rows) {
    keys.uint32(tenants.numbers[tenant_id.indexes[row]!]!)
    keys.uint32(types.numbers[event_type.indexes[row]!]!)
    keys.int64(occurred_at.values[row]!)
  }
  return { tenants: tenants.texts, types: types.texts, keys: hexOf(keys.bytes) }
}

/** The distinct texts of a column in these rows, and the number of each symbol among them, from 1. */
function numbered({ symbols, indexes }: SymbolColumn, rows: RowIndexes): { numbers: Uint32Array; texts: string[] } {
  const numbers = new Uint32Array(symbols.size)
  const texts: string[] = []
  for (const row of rows) {
    const symbol = indexes[row]!
    if (numbers[symbol] === 0) numbers[symbol] = texts.push(symbols.text(symbol))
  }
  return { numbers, texts }
}

/** Both lists of rows as one, ascending. */
export function mergedRows(rows: RowIndexes, others: RowIndexes): RowIndexes {
  if (others.length === 0) return rows
  const all = new Uint32Array(rows.length + others.length)
  all.set(rows)
  all.set(others, rows.length)
  return all.sort()
}

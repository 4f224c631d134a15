import { UUID_BYTES } from '../../base/bytes/uuid-bytes.ts'
import type { SymbolColumn } from '../../events/block/block-columns.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { BlockRange } from './stored-id-queries.ts'

/** The ids of these rows one after the other, 16 bytes each, as the engine stores them. */
export function idsOfRows({ length, columns: { id } }: EventBlock, rows: RowIndexes): Uint8Array {
  if (rows.length === length) return id.bytes.subarray(0, length * UUID_BYTES)
  const ids = new Uint8Array(rows.length * UUID_BYTES)
  let at = 0
  for (const row of rows)
    for (let offset = row * UUID_BYTES; offset < (row + 1) * UUID_BYTES;) ids[at++] = id.bytes[offset++]!
  return ids
}

/** The tenants of these rows. */
export function tenantsOfRows({ columns: { tenant_id } }: EventBlock, rows: RowIndexes): string[] {
  return symbolsOfRows(tenant_id, rows)
}

/** The range of the primary key that these rows occupy. */
export function rangeOfRows(
  { columns: { tenant_id, event_type, occurred_at } }: EventBlock,
  rows: RowIndexes,
): BlockRange {
  let [from, to] = [Infinity, -Infinity]
  for (const row of rows) {
    from = Math.min(from, occurred_at.values[row]!)
    to = Math.max(to, occurred_at.values[row]!)
  }
  return { tenants: symbolsOfRows(tenant_id, rows), types: symbolsOfRows(event_type, rows), from, to }
}

function symbolsOfRows({ symbols, indexes }: SymbolColumn, rows: RowIndexes): string[] {
  const used = new Uint8Array(symbols.size)
  for (const row of rows) used[indexes[row]!] = 1
  const texts: string[] = []
  for (const [symbol, isUsed] of used.entries()) if (isUsed === 1) texts.push(symbols.text(symbol))
  return texts
}

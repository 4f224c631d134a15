import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'

const UUID_BYTES = 16

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
  const used = new Uint8Array(tenant_id.symbols.size)
  for (const row of rows) used[tenant_id.indexes[row]!] = 1
  const tenants: string[] = []
  for (const [symbol, isUsed] of used.entries()) if (isUsed === 1) tenants.push(tenant_id.symbols.text(symbol))
  return tenants
}

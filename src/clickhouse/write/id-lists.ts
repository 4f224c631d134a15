/** Lists of ids as the engine stores them, 16 bytes each, in queries and their results. */
import { HEX_PAIRS } from '../../base/bytes/hexadecimal.ts'
import { UUID_BYTES } from '../../base/bytes/uuid-bytes.ts'
import { ByteWriter } from './byte-writer.ts'

/** Bytes as hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) text += HEX_PAIRS[bytes[at]!]!
  return text
}

/** The ids at these positions, as bytes. */
export function idsAt(ids: Uint8Array, positions: Uint32Array): Uint8Array {
  if (positions.length * UUID_BYTES === ids.length) return ids
  const selected = new Uint8Array(positions.length * UUID_BYTES)
  let end = 0
  for (const position of positions)
    for (let at = position * UUID_BYTES; at < (position + 1) * UUID_BYTES;) selected[end++] = ids[at++]!
  return selected
}

/** The positions, among these, of the ids whose texts were found. */
export function positionsOf(
  rows: readonly { readonly stored_id: string }[],
  ids: Uint8Array,
  positions: Uint32Array,
): number[] {
  if (rows.length === 0) return []
  const writer = new ByteWriter(rows.length * UUID_BYTES)
  for (const { stored_id } of rows) writer.uuid(stored_id)
  const found = new Set<bigint>()
  const keyAt = (view: DataView, at: number) => (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
  const foundView = viewOf(writer.bytes)
  for (let at = 0; at < foundView.byteLength; at += UUID_BYTES) found.add(keyAt(foundView, at))
  const view = viewOf(ids)
  return [...positions].filter((position) => found.has(keyAt(view, position * UUID_BYTES)))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

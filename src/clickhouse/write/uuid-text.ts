/** UUIDs as texts, and as the engine stores them: 16 bytes, each half with its bytes reversed. */
import { ByteWriter } from './byte-writer.ts'

const UUID_BYTES = 16
const HEX_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The texts of UUIDs of 16 bytes each, each half with its bytes reversed: as the engine stores them. */
export function uuidsOf(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / UUID_BYTES }, (_, index) => uuidAt(bytes, index * UUID_BYTES))
}

function uuidAt(bytes: Uint8Array, offset: number): string {
  const hex = (index: number) => HEX_DIGITS[bytes[offset + index]!]!
  const first = `${hex(7)}${hex(6)}${hex(5)}${hex(4)}-${hex(3)}${hex(2)}-${hex(1)}${hex(0)}`
  return `${first}-${hex(15)}${hex(14)}-${hex(13)}${hex(12)}${hex(11)}${hex(10)}${hex(9)}${hex(8)}`
}

/** The ids at these positions as one text of hexadecimal digits: the engine parses it as one literal. */
export function hexOf(ids: Uint8Array, positions: Uint32Array): string {
  let text = ''
  for (const position of positions)
    for (let at = position * UUID_BYTES; at < (position + 1) * UUID_BYTES; at++) text += HEX_DIGITS[ids[at]!]!
  return text
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

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

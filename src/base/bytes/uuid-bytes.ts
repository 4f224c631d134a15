/** UUIDs as 16 bytes: in the order of their text, or as ClickHouse stores them, each half with its bytes reversed. */
import { HEX_PAIRS } from './hexadecimal.ts'

export const UUID_BYTES = 16

const TEXT_ORDER = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
const STORED_ORDER = Uint8Array.of(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
/** Where the two digits of each byte begin in the text. */
const DIGITS = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)
/** The value of each hexadecimal digit, by its character code. */
const HEX_VALUES = new Uint8Array(128)
for (const [value, digit] of '0123456789abcdef'.split('').entries())
  for (const each of [digit, digit.toUpperCase()]) HEX_VALUES[each.charCodeAt(0)] = value

/** The text of a UUID whose bytes begin at 0 in the order of the text. */
export function uuidText(bytes: Uint8Array): string {
  return textOf(bytes, 0, TEXT_ORDER)
}

/** The text of a UUID whose bytes begin at `offset` as ClickHouse stores them. */
export function storedUuidText(bytes: Uint8Array, offset: number): string {
  return textOf(bytes, offset, STORED_ORDER)
}

/** The texts of UUIDs that stand one after the other as ClickHouse stores them. */
export function storedUuidTexts(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / UUID_BYTES }, (_, index) => storedUuidText(bytes, index * UUID_BYTES))
}

/** Writes a UUID, which is a text of 36 characters, as ClickHouse stores it. */
export function writeStoredUuid(text: string, target: Uint8Array, offset: number): void {
  for (let index = 0; index < UUID_BYTES; index++) {
    const digit = DIGITS[index]!
    const value = (HEX_VALUES[text.charCodeAt(digit)]! << 4) | HEX_VALUES[text.charCodeAt(digit + 1)]!
    target[offset + STORED_ORDER[index]!] = value
  }
}

function textOf(bytes: Uint8Array, offset: number, order: Uint8Array): string {
  const hex = (index: number) => HEX_PAIRS[bytes[offset + order[index]!]!]!
  const start = `${hex(0)}${hex(1)}${hex(2)}${hex(3)}-${hex(4)}${hex(5)}-${hex(6)}${hex(7)}`
  return `${start}-${hex(8)}${hex(9)}-${hex(10)}${hex(11)}${hex(12)}${hex(13)}${hex(14)}${hex(15)}`
}

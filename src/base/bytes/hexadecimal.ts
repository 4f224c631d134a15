/** The two lower-case digits of each byte. */
export const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes as text in hexadecimal, two lower-case digits per byte. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += HEX_PAIRS[bytes[index]!]!
  return text
}

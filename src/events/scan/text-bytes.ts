/** Comparisons and checks of texts as UTF-8 bytes. */

/** Whether the texts from `from` to `to` and from `otherFrom` to `otherTo` are equal. */
export function sameBytes(bytes: Uint8Array, from: number, to: number, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false
  for (let at = from, other = otherFrom; at < to;) if (bytes[at++] !== bytes[other++]) return false
  return true
}

/** Whether the text from `from` to `to` is `text`. */
export function isText(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false
  for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text[index]) return false
  return true
}

/** The offset after the character at `at`, which is not ASCII; -1 when its bytes are not well-formed UTF-8. The array has to end with an ASCII byte. */
export function skipCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  const second = bytes[at + 1]!
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second)) return -1
  if (first < 0xe0) return at + 2
  if (!isContinuation(bytes[at + 2]!)) return -1
  if (first < 0xf0) {
    // An overlong form, or a surrogate.
    if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return -1
    return at + 3
  }
  if (!isContinuation(bytes[at + 3]!)) return -1
  // An overlong form, or above U+10FFFF.
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return -1
  return at + 4
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

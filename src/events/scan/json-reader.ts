/**
 * A strict reader of the JSON that ordinary messages consist of: it accepts only values that `JSON.parse` accepts and that `JSON.stringify` writes with the same bytes, apart
 * from white space between tokens. Everything else is irregular, which does not mean that it is invalid.
 */
import { sameBytes, skipCharacter } from './text-bytes.ts'

/** Kinds of values, one bit each. */
export const IRREGULAR = 0
export const TEXT = 1
export const NULL = 2
export const INTEGER = 4
/** A fraction or a boolean. */
export const SCALAR = 8
export const OBJECT = 16
export const ARRAY = 32

/** Larger messages are not ordinary. Below this size a message cannot have too many values (value-limit.ts). */
export const MAX_ORDINARY_BYTES = 16_384
const MAX_DEPTH = 8
const MAX_KEYS = 256
/** Decimal numbers with up to 15 digits are written with the digits that were read. */
const MAX_DIGITS = 15
/** A smaller fraction may be written with an exponent. */
const MAX_FRACTION_DIGITS = 6

export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
const [OPEN_ARRAY, CLOSE_ARRAY, BACKSLASH, MINUS, POINT, UNDERSCORE, ZERO] = [0x5b, 0x5d, 0x5c, 0x2d, 0x2e, 0x5f, 0x30]
const [LETTER_N, LETTER_T, LETTER_F] = [0x6e, 0x74, 0x66]

const encoder = new TextEncoder()
const WORD_NULL = encoder.encode('null')
const WORD_TRUE = encoder.encode('true')
const WORD_FALSE = encoder.encode('false')

/** 1 for the ASCII characters that a text contains as they are. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)
/** 1 for the characters whose escape `\x` JSON.stringify writes in the same way. */
const ESCAPED = new Uint8Array(256)
for (const byte of encoder.encode('"\\bfnrt')) ESCAPED[byte] = 1

export class JsonReader {
  /** The message, followed by a 0, which no token contains. A copy, so that all messages have the same type of array. */
  readonly bytes = new Uint8Array(MAX_ORDINARY_BYTES + 1)
  /** The offset of the next byte. */
  at = 0
  /** The text that was read last, without its quotes. */
  textFrom = 0
  textTo = 0
  /** Set when a text contains an escape; reset by the caller. */
  hasEscape = false
  /** Whether an object or array of this message that `readValue` read contains white space between its tokens. */
  hasSpace = false
  /** The keys of the objects around the current position, and of those that were kept. */
  readonly keyFrom = new Uint32Array(MAX_KEYS)
  readonly keyTo = new Uint32Array(MAX_KEYS)
  keyCount = 0
  /** The end of the keys of the object that was read last; they begin at `keyCount` and are valid until the next object. */
  keysEnd = 0
  #end = 0

  /** False: the message is too large. */
  open(message: Uint8Array): boolean {
    if (message.length > MAX_ORDINARY_BYTES) return false
    this.bytes.set(message)
    this.bytes[message.length] = 0
    this.#end = message.length
    this.at = 0
    this.hasSpace = false
    this.keyCount = 0
    return true
  }

  get isAtEnd(): boolean {
    return this.at === this.#end
  }

  /** Skips white space and returns the next byte. */
  skipSpace(): number {
    const { bytes } = this
    let byte = bytes[this.at]!
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.at]!
    return byte
  }

  /** Reads a text with well-formed UTF-8. */
  readText(): boolean {
    const { bytes } = this
    let { at } = this
    if (bytes[at] !== QUOTE) return false
    this.textFrom = ++at
    for (;;) {
      while (PLAIN[bytes[at]!] === 1) at++
      const byte = bytes[at]!
      if (byte === QUOTE) break
      if (byte === BACKSLASH) {
        if (ESCAPED[bytes[at + 1]!] === 0) return false
        this.hasEscape = true
        at += 2
      } else if (byte >= 0x80) {
        at = skipCharacter(bytes, at)
        if (at === -1) return false
      } else return false
    }
    this.textTo = at
    this.at = at + 1
    return true
  }

  /** Skips a colon and the white space around it. */
  skipColon(): boolean {
    if (this.skipSpace() !== COLON) return false
    this.at++
    this.skipSpace()
    return true
  }

  /** Reads a key of an object. False also for keys that JSON.parse puts in another order or treats in a special way. */
  readKey(): boolean {
    const hadEscape = this.hasEscape
    this.hasEscape = false
    if (!this.readText() || this.hasEscape || this.textFrom === this.textTo) return false
    this.hasEscape = hadEscape
    const first = this.bytes[this.textFrom]!
    if (first >= ZERO && first <= ZERO + 9) return false
    return first !== UNDERSCORE || this.bytes[this.textFrom + 1] !== UNDERSCORE
  }

  /** Reads a value at this depth of nesting, and returns its kind. */
  readValue(depth: number): number {
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.readText() ? TEXT : IRREGULAR
      case OPEN_OBJECT:
        return depth <= MAX_DEPTH && this.#readObject(depth) ? OBJECT : IRREGULAR
      case OPEN_ARRAY:
        return depth <= MAX_DEPTH && this.#readArray(depth) ? ARRAY : IRREGULAR
      case LETTER_N:
        return this.#readWord(WORD_NULL) ? NULL : IRREGULAR
      case LETTER_T:
        return this.#readWord(WORD_TRUE) ? SCALAR : IRREGULAR
      case LETTER_F:
        return this.#readWord(WORD_FALSE) ? SCALAR : IRREGULAR
      default:
        return this.#readNumber()
    }
  }

  /** The value of the integer at `from` to `to`. */
  integerAt(from: number, to: number): number {
    let value = 0
    const isNegative = this.bytes[from] === MINUS
    for (let at = isNegative ? from + 1 : from; at < to; at++) value = value * 10 + this.bytes[at]! - ZERO
    return isNegative ? -value : value
  }

  #readObject(depth: number): boolean {
    const first = this.keyCount
    this.at++
    let byte = this.#skipInnerSpace()
    if (byte === CLOSE_OBJECT) this.at++
    while (byte !== CLOSE_OBJECT) {
      if (!this.readKey() || !this.#pushKey(first) || this.#skipInnerSpace() !== COLON) return false
      this.at++
      this.#skipInnerSpace()
      if (this.readValue(depth + 1) === IRREGULAR) return false
      byte = this.#skipInnerSpace()
      this.at++
      if (byte === COMMA) this.#skipInnerSpace()
      else if (byte !== CLOSE_OBJECT) return false
    }
    this.keysEnd = this.keyCount
    this.keyCount = first
    return true
  }

  #readArray(depth: number): boolean {
    this.at++
    let byte = this.#skipInnerSpace()
    if (byte === CLOSE_ARRAY) this.at++
    while (byte !== CLOSE_ARRAY) {
      if (this.readValue(depth + 1) === IRREGULAR) return false
      byte = this.#skipInnerSpace()
      this.at++
      if (byte === COMMA) this.#skipInnerSpace()
      else if (byte !== CLOSE_ARRAY) return false
    }
    return true
  }

  /** Adds the key that was read to those of its object, which begin at `first`. False: it is a duplicate, or there are too many. */
  #pushKey(first: number): boolean {
    const { bytes, keyCount, keyFrom, keyTo, textFrom, textTo } = this
    if (keyCount === MAX_KEYS) return false
    for (let key = first; key < keyCount; key++)
      if (sameBytes(bytes, keyFrom[key]!, keyTo[key]!, textFrom, textTo)) return false
    keyFrom[keyCount] = textFrom
    keyTo[keyCount] = textTo
    this.keyCount++
    return true
  }

  #skipInnerSpace(): number {
    const byte = this.bytes[this.at]!
    if (byte > 0x20) return byte
    const { at } = this
    const next = this.skipSpace()
    if (this.at !== at) this.hasSpace = true
    return next
  }

  #readWord(word: Uint8Array): boolean {
    for (let index = 0; index < word.length; index++) if (this.bytes[this.at + index] !== word[index]) return false
    this.at += word.length
    return true
  }

  /** Reads a number that is written as JSON.stringify writes it. */
  #readNumber(): number {
    const { bytes } = this
    const isNegative = bytes[this.at] === MINUS
    const from = isNegative ? this.at + 1 : this.at
    let at = from
    while (isDigit(bytes[at]!)) at++
    const wholeDigits = at - from
    if (wholeDigits === 0 || (wholeDigits > 1 && bytes[from] === ZERO)) return IRREGULAR
    let kind = INTEGER
    if (bytes[at] === POINT) {
      const fractionFrom = ++at
      while (isDigit(bytes[at]!)) at++
      const fractionDigits = at - fractionFrom
      if (fractionDigits === 0 || fractionDigits > MAX_FRACTION_DIGITS || bytes[at - 1] === ZERO) return IRREGULAR
      if (wholeDigits + fractionDigits > MAX_DIGITS) return IRREGULAR
      kind = SCALAR
    } else if (wholeDigits > MAX_DIGITS || (isNegative && bytes[from] === ZERO)) return IRREGULAR
    // No digit, point or exponent may follow; the caller checks what does.
    this.at = at
    return kind
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}

/** Reads a few fields of a JSON object from its bytes, which is several times faster than parsing all of it when the object has none or few of them. */
import { ByteInterner } from '../events/block/byte-interner.ts'
import type { JsonObject } from '../events/event-envelope.ts'

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN, CLOSE] = [0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d] as const
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d] as const
const FIRST_NON_ASCII = 0x80
/** What is picked from an object without any of the fields. */
export const NO_FIELDS: JsonObject = {}
/** Values of fields that repeat have one text each, as far as they are remembered. */
const MAX_REMEMBERED = 4_096
const MAX_REMEMBERED_BYTES = 512
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Field {
  readonly name: string
  readonly isRepeated: boolean
  readonly bytes: Uint8Array
}

export class FieldPicker {
  /** By length. */
  readonly #fields: readonly (readonly Field[])[]

  readonly #remembered = new ByteInterner()

  /** `names` are ASCII texts. The values of those among `repeated` are few, each of them frequent. */
  constructor(names: readonly string[], repeated: readonly string[] = []) {
    const fields = names.map((name): Field => ({
      name,
      isRepeated: repeated.includes(name),
      bytes: encoder.encode(name),
    }))
    const longest = Math.max(...fields.map(({ bytes }) => bytes.length))
    this.#fields = Array.from({ length: longest + 1 }, (_, length) =>
      fields.filter(({ bytes }) => bytes.length === length),
    )
  }

  /** The object at `from` to `to`, with at least those of its fields that have the names. Throws where JSON.parse does, unless the bytes that it skips are at fault. */
  pick(bytes: Uint8Array, from: number, to: number): JsonObject {
    return this.#scan(bytes, from, to) ?? (JSON.parse(decoder.decode(bytes.subarray(from, to))) as JsonObject)
  }

  /** Undefined for everything but fields with these names whose values are plain ASCII texts. */
  #scan(bytes: Uint8Array, from: number, to: number): JsonObject | undefined {
    if (bytes[from] !== OPEN) return undefined
    let picked: Record<string, string> | undefined
    let at = skipSpace(bytes, from + 1, to)
    if (bytes[at] === CLOSE) return NO_FIELDS
    while (at < to) {
      if (bytes[at] !== QUOTE) return undefined
      const nameEnd = endOfPlainText(bytes, at + 1, to)
      if (nameEnd < 0) return undefined
      const field = this.#fieldAt(bytes, at + 1, nameEnd)
      at = skipSpace(bytes, nameEnd + 1, to)
      if (bytes[at] !== COLON) return undefined
      at = skipSpace(bytes, at + 1, to)
      if (field === undefined) at = skipValue(bytes, at, to)
      else {
        if (bytes[at] !== QUOTE) return undefined
        const end = endOfPlainText(bytes, at + 1, to)
        if (end < 0) return undefined
        picked ??= {}
        picked[field.name] = field.isRepeated
          ? this.#remember(bytes, at + 1, end)
          : decoder.decode(bytes.subarray(at + 1, end))
        at = end + 1
      }
      if (at < 0) return undefined
      at = skipSpace(bytes, at, to)
      if (bytes[at] === CLOSE) return picked ?? NO_FIELDS
      if (bytes[at] !== COMMA) return undefined
      at = skipSpace(bytes, at + 1, to)
    }
    return undefined
  }

  #remember(bytes: Uint8Array, from: number, to: number): string {
    if (to - from > MAX_REMEMBERED_BYTES) return decoder.decode(bytes.subarray(from, to))
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    return this.#remembered.text(this.#remembered.intern(bytes, from, to))
  }

  #fieldAt(bytes: Uint8Array, from: number, to: number): Field | undefined {
    const fields = this.#fields[to - from]
    if (fields === undefined) return undefined
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!
      let offset = 0
      while (offset < to - from && field.bytes[offset] === bytes[from + offset]) offset++
      if (offset === to - from) return field
    }
    return undefined
  }
}

function skipSpace(bytes: Uint8Array, at: number, to: number): number {
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++
  return at
}

/** The closing quote of an ASCII text without escapes, which begins at `at`; -1 for any other text. */
function endOfPlainText(bytes: Uint8Array, at: number, to: number): number {
  for (; at < to; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) return at
    if (byte === BACKSLASH || byte >= FIRST_NON_ASCII || byte < 0x20) return -1
  }
  return -1
}

/** The offset behind the value at `at`; -1 where the bytes end first. */
function skipValue(bytes: Uint8Array, at: number, to: number): number {
  let depth = 0
  for (; at < to; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      for (at++; at < to && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++
    } else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (depth === 0 && (byte === COMMA || byte === CLOSE)) return at
    else if (byte === CLOSE || byte === CLOSE_LIST) depth--
  }
  return -1
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** The values of a record behind the hash. */
const [RECORD, SCOPE, START, END] = [4, 1, 2, 3] as const
/** Shorter texts are copied by a loop, which is faster than a view. */
const MIN_VIEW_BYTES = 64

/**
 * Numbers distinct texts from 0 in the order of their first appearance. A text is found by its UTF-8 bytes, so that a field of a message needs no string; the string is
 * made once, when it is asked for.
 */
export class ByteInterner {
  /** Open addressing: the number of the text plus 1, or 0. */
  #slots = new Uint32Array(64)
  /** Four values per text, so that a comparison reads one place of the memory: its hash, its scope, and where it begins and ends. */
  #records = new Uint32Array(32 * RECORD)
  /** The texts one after the other. */
  #bytes = new Uint8Array(1_024)
  #texts: (string | undefined)[] = []
  #size = 0

  /** The number of distinct texts. */
  get size(): number {
    return this.#size
  }

  /** The memory that it uses beside strings, in bytes. */
  get byteLength(): number {
    return this.#bytes.byteLength + this.#slots.byteLength + this.#records.byteLength
  }

  /** Forgets all texts and keeps the memory. */
  clear(): void {
    this.#slots.fill(0)
    this.#texts = []
    this.#size = 0
  }

  /** The number of the text at `start` to `end` of `source`. Equal texts of different scopes have different numbers. */
  intern(source: Uint8Array, start: number, end: number, scope = 0): number {
    const hash = hashOf(source, start, end, scope)
    const found = this.#find(source, start, end, scope, hash)
    return found < 0 ? this.#add(source, start, end, scope, hash) : found
  }

  /** The number here of a text of another interner, in this scope. */
  internFrom(other: ByteInterner, index: number, scope = 0): number {
    return this.intern(other.#bytes, other.#start(index), other.#end(index), scope)
  }

  /** The number of a text, if it has one. */
  findText(text: string, scope = 0): number | undefined {
    const bytes = encoder.encode(text)
    const found = this.#find(bytes, 0, bytes.length, scope, hashOf(bytes, 0, bytes.length, scope))
    return found < 0 ? undefined : found
  }

  /** The number of a text that is at hand as a string. The string has to be well-formed. */
  internText(text: string, scope = 0): number {
    const bytes = encoder.encode(text)
    return this.intern(bytes, 0, bytes.length, scope)
  }

  /** Whether a number stands for the same text as one of another interner, whatever their scopes are. */
  isSameText(index: number, other: ByteInterner, otherIndex: number): boolean {
    const start = other.#start(otherIndex)
    return this.#equals(index, other.#bytes, start, other.#end(otherIndex), this.scope(index))
  }

  /** The text of a number. */
  text(index: number): string {
    return (this.#texts[index] ??= this.decode(index))
  }

  /** The same for texts that are asked for once: it is not kept. */
  decode(index: number): string {
    return decoder.decode(this.bytes(index))
  }

  /** The UTF-8 bytes of a number; valid until the next text is added. */
  bytes(index: number): Uint8Array {
    return this.#bytes.subarray(this.#start(index), this.#end(index))
  }

  /** The scope of a number. */
  scope(index: number): number {
    return this.#records[index * RECORD + SCOPE]!
  }

  #find(source: Uint8Array, start: number, end: number, scope: number, hash: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.#records[(found - 1) * RECORD] === hash && this.#equals(found - 1, source, start, end, scope))
        return found - 1
      slot = (slot + 1) & mask
    }
    return -1
  }

  #start(index: number): number {
    return this.#records[index * RECORD + START]!
  }

  #end(index: number): number {
    return this.#records[index * RECORD + END]!
  }

  #equals(index: number, source: Uint8Array, start: number, end: number, scope: number): boolean {
    const record = index * RECORD
    const from = this.#records[record + START]!
    if (this.#records[record + END]! - from !== end - start || this.#records[record + SCOPE] !== scope) return false
    for (let offset = 0; offset < end - start; offset++)
      if (this.#bytes[from + offset] !== source[start + offset]) return false
    return true
  }

  #add(source: Uint8Array, start: number, end: number, scope: number, hash: number): number {
    const index = this.#size
    if ((index + 1) * 2 > this.#slots.length) this.#grow()
    const from = index === 0 ? 0 : this.#end(index - 1)
    const to = from + end - start
    if (to > this.#bytes.length) this.#bytes = enlarged(this.#bytes, to)
    if (end - start < MIN_VIEW_BYTES)
      for (let offset = start, at = from; offset < end;) this.#bytes[at++] = source[offset++]!
    else this.#bytes.set(source.subarray(start, end), from)
    const record = index * RECORD
    this.#records[record] = hash
    this.#records[record + SCOPE] = scope
    this.#records[record + START] = from
    this.#records[record + END] = to
    this.#size++
    this.#occupySlot(index)
    return index
  }

  #grow(): void {
    const capacity = this.#slots.length
    this.#records = enlarged(this.#records, capacity * RECORD)
    this.#slots = new Uint32Array(capacity * 2)
    for (let index = 0; index < this.#size; index++) this.#occupySlot(index)
  }

  #occupySlot(index: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#records[index * RECORD]! & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = index + 1
  }
}

/** FNV-1a over the bytes, finished so that its low bits depend on all of them. */
function hashOf(source: Uint8Array, start: number, end: number, scope: number): number {
  let hash = FNV_OFFSET ^ Math.imul(scope, 0x9e3779b1)
  for (let offset = start; offset < end; offset++) hash = Math.imul(hash ^ source[offset]!, FNV_PRIME)
  hash ^= hash >>> 15
  return hash >>> 0
}

/** A copy with room for at least `length` values. */
export function enlarged<Values extends Uint8Array | Int8Array | Uint32Array | Float64Array>(
  values: Values,
  length: number,
): Values {
  const larger = new (values.constructor as new (size: number) => Values)(Math.max(values.length * 2, length))
  larger.set(values)
  return larger
}

import { StoreFailure } from '../../base/errors.ts'
import { UUID_BYTES, writeStoredUuid } from '../../base/bytes/uuid-bytes.ts'

const encoder = new TextEncoder()

/** Appends little-endian binary values to a growing buffer. A value that its type cannot represent is never changed: it throws a StoreFailure `rejected`. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView<ArrayBuffer>
  #length = 0

  constructor(capacity = 65_536) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** The bytes written so far; valid until the next write. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** The number of bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** The number of bytes that fit without another allocation. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Begins anew in the same memory: earlier `bytes` are overwritten. */
  clear(): void {
    this.#length = 0
  }

  /** Makes room for `count` bytes and returns the memory. The caller writes to it from `length` on and then calls `advance`. */
  reserve(count: number): Uint8Array<ArrayBuffer> {
    this.#reserve(count)
    return this.#bytes
  }

  /** Counts what the caller has written after `reserve`, up to the offset `end`. */
  advance(end: number): void {
    this.#length = end
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw new StoreFailure('rejected', 'A number is not an unsigned 32-bit integer.')
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  /** A safe integer in 64 bits, two's complement. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new StoreFailure('rejected', 'A number is not a safe integer.')
    this.#reserve(8)
    const high = Math.floor(value / 4_294_967_296)
    this.#view.setUint32(this.#length, value - high * 4_294_967_296, true)
    this.#view.setInt32(this.#length + 4, high, true)
    this.#length += 8
  }

  uint64(value: bigint): void {
    this.#reserve(8)
    this.#view.setBigUint64(this.#length, value, true)
    this.#length += 8
  }

  /** LEB128. */
  varint(value: number): void {
    this.#reserve(8)
    while (value >= 0x80) {
      this.#bytes[this.#length++] = (value % 0x80) | 0x80
      value = Math.floor(value / 0x80)
    }
    this.#bytes[this.#length++] = value
  }

  /** The length in bytes as a varint, then the text in UTF-8. */
  text(value: string): void {
    const { length } = value
    if (length < 0x80 && this.#shortAscii(value, length)) return
    if (!value.isWellFormed()) throw new StoreFailure('rejected', 'A text cannot be encoded as UTF-8.')
    this.#reserve(length * 3 + 8)
    // The length precedes the text but is known only after encoding: the text is written behind the largest possible length and moved if the length is shorter.
    const lengthBytes = varintBytes(length * 3)
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length + lengthBytes))
    const start = this.#length + lengthBytes
    this.varint(written)
    if (this.#length !== start) this.#bytes.copyWithin(this.#length, start, start + written)
    this.#length += written
  }

  /** The 16 bytes of a UUID, each half in reverse order, as in the engine. */
  uuid(text: string): void {
    if (text.length !== 36) throw new StoreFailure('rejected', 'A text is not a UUID.')
    this.#reserve(UUID_BYTES)
    writeStoredUuid(text, this.#bytes, this.#length)
    this.#length += UUID_BYTES
  }

  #shortAscii(value: string, length: number): boolean {
    this.#reserve(length + 1)
    const bytes = this.#bytes
    const start = this.#length + 1
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code >= 0x80) return false
      bytes[start + index] = code
    }
    bytes[this.#length] = length
    this.#length = start + length
    return true
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    larger.set(this.bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

function varintBytes(value: number): number {
  let bytes = 1
  while (value >= 0x80) {
    value = Math.floor(value / 0x80)
    bytes++
  }
  return bytes
}

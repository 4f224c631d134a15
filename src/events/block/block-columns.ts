/**
 * The columns of an event block, one class per kind of value. Rows are set in ascending order; the last row may be set again, as its values count only once the block has
 * taken the row. No column holds an object per value.
 */
import { storedUuidText, UUID_BYTES, writeStoredUuid } from '../../base/bytes/uuid-bytes.ts'
import { ByteInterner, enlarged } from './byte-interner.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const FIRST_ROWS = 256
const FIRST_BYTES = 4_096
/** Texts are expected to stay about as long as those so far, up to this length: one long text must not reserve memory for many. */
const MAX_EXPECTED_BYTES = 64

/** A column of a block: the values of its rows as they stand in an `EventRow`. */
export interface BlockColumn<Value> {
  set(row: number, value: Value): void
  read(row: number): Value
  /** The memory that it uses, in bytes. */
  readonly byteLength: number
  /** Forgets what is kept beside the values of rows, and keeps the memory. */
  clear?(): void
}

/** Texts, each at its place in one array of UTF-8 bytes; optionally null. */
export class TextColumn implements BlockColumn<string | null> {
  /** The texts one after the other: that of `row` stands from `start(row)` to `ends[row]`. */
  bytes = new Uint8Array(FIRST_BYTES)
  ends: Uint32Array<ArrayBuffer>
  /** 1 for a row that is null. */
  nulls: Uint8Array<ArrayBuffer>

  /** `rows` is the expected number of rows. */
  constructor(rows = FIRST_ROWS) {
    this.ends = new Uint32Array(rows)
    this.nulls = new Uint8Array(rows)
  }

  get byteLength(): number {
    return this.bytes.byteLength + this.ends.byteLength + this.nulls.byteLength
  }

  set(row: number, value: string | null): void {
    if (value === null) return this.setNull(row)
    if (!value.isWellFormed()) throw new Error('A text cannot be encoded as UTF-8.')
    const start = this.#open(row, value.length * 3)
    this.ends[row] = start + encoder.encodeInto(value, this.bytes.subarray(start)).written
    this.nulls[row] = 0
  }

  /** Sets the UTF-8 text at `from` to `to` of `source`. */
  setBytes(row: number, source: Uint8Array, from: number, to: number): void {
    const start = this.#open(row, to - from)
    const { bytes } = this
    // Most texts are ids of some ten bytes: a loop is faster than a view for `set`.
    if (to - from < 64) for (let offset = from, at = start; offset < to;) bytes[at++] = source[offset++]!
    else bytes.set(source.subarray(from, to), start)
    this.ends[row] = start + to - from
    this.nulls[row] = 0
  }

  setNull(row: number): void {
    // In a statement of its own: the call may replace `this.ends`.
    const start = this.#open(row, 0)
    this.ends[row] = start
    this.nulls[row] = 1
  }

  /** Copies the value of a row of another column. */
  copy(row: number, from: TextColumn, sourceRow: number): void {
    if (from.nulls[sourceRow] === 1) this.setNull(row)
    else this.setBytes(row, from.bytes, from.start(sourceRow), from.ends[sourceRow]!)
  }

  /** Whether the text of a row, which is not null, is the UTF-8 text at `from` to `to` of `source`. */
  holds(row: number, source: Uint8Array, from: number, to: number): boolean {
    const start = this.start(row)
    if (this.ends[row]! - start !== to - from) return false
    for (let offset = 0; offset < to - from; offset++)
      if (this.bytes[start + offset] !== source[from + offset]) return false
    return true
  }

  start(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!
  }

  isNull(row: number): boolean {
    return this.nulls[row] === 1
  }

  read(row: number): string | null {
    return this.isNull(row) ? null : decoder.decode(this.bytes.subarray(this.start(row), this.ends[row]))
  }

  /** Makes room for `row` with a text of up to `length` bytes, and returns where its text begins. */
  #open(row: number, length: number): number {
    if (row >= this.ends.length) {
      this.ends = enlarged(this.ends, row + 1)
      this.nulls = enlarged(this.nulls, row + 1)
    }
    const start = this.start(row)
    const end = start + length
    if (end > this.bytes.length) {
      const expected = Math.min(end / (row + 1), MAX_EXPECTED_BYTES) * this.ends.length
      this.bytes = enlarged(this.bytes, Math.max(end, Math.ceil(expected)))
    }
    return start
  }
}

/** Texts with few distinct values: each row holds the number of its text. */
export class SymbolColumn implements BlockColumn<string> {
  readonly symbols = new ByteInterner()
  /** The number of each row's text in `symbols`. */
  indexes: Uint32Array<ArrayBuffer>
  /** Most rows repeat a recent text that is at hand as the same string. */
  readonly #byText = new Map<string, number>()

  /** `rows` is the expected number of rows. */
  constructor(rows = FIRST_ROWS) {
    this.indexes = new Uint32Array(rows)
  }

  get byteLength(): number {
    return this.symbols.byteLength + this.indexes.byteLength
  }

  clear(): void {
    this.symbols.clear()
    this.#byText.clear()
  }

  set(row: number, value: string): void {
    let index = this.#byText.get(value)
    if (index === undefined) this.#byText.set(value, (index = this.symbols.internText(value)))
    this.#setIndex(row, index)
  }

  setBytes(row: number, source: Uint8Array, from: number, to: number): void {
    this.#setIndex(row, this.symbols.intern(source, from, to))
  }

  /** Copies the value of a row of another column. */
  copy(row: number, from: SymbolColumn, sourceRow: number): void {
    this.#setIndex(row, this.symbols.internFrom(from.symbols, from.indexes[sourceRow]!))
  }

  read(row: number): string {
    return this.symbols.text(this.indexes[row]!)
  }

  #setIndex(row: number, index: number): void {
    if (row >= this.indexes.length) this.indexes = enlarged(this.indexes, row + 1)
    this.indexes[row] = index
  }
}

/** UUIDs, 16 bytes each, as ClickHouse stores them. */
export class UuidColumn implements BlockColumn<string> {
  bytes = new Uint8Array(FIRST_ROWS * UUID_BYTES)

  get byteLength(): number {
    return this.bytes.byteLength
  }

  set(row: number, value: string): void {
    const offset = this.reserve(row)
    writeStoredUuid(value, this.bytes, offset)
  }

  read(row: number): string {
    return storedUuidText(this.bytes, row * UUID_BYTES)
  }

  /** Makes room for `row` and returns the offset of its bytes. */
  reserve(row: number): number {
    const offset = row * UUID_BYTES
    if (offset + UUID_BYTES > this.bytes.length) this.bytes = enlarged(this.bytes, offset + UUID_BYTES)
    return offset
  }
}

/** Epoch milliseconds. */
export class TimeColumn implements BlockColumn<number> {
  values: Float64Array<ArrayBuffer>

  /** `rows` is the expected number of rows. */
  constructor(rows = FIRST_ROWS) {
    this.values = new Float64Array(rows)
  }

  get byteLength(): number {
    return this.values.byteLength
  }

  set(row: number, value: number): void {
    if (row >= this.values.length) this.values = enlarged(this.values, row + 1)
    this.values[row] = value
  }

  read(row: number): number {
    return this.values[row]!
  }
}

/** Unsigned 32-bit integers; optionally null. */
export class NumberColumn implements BlockColumn<number | null> {
  values: Uint32Array<ArrayBuffer>
  /** 1 for a row that is null. */
  nulls: Uint8Array<ArrayBuffer>

  /** `rows` is the expected number of rows. */
  constructor(rows = FIRST_ROWS) {
    this.values = new Uint32Array(rows)
    this.nulls = new Uint8Array(rows)
  }

  get byteLength(): number {
    return this.values.byteLength + this.nulls.byteLength
  }

  set(row: number, value: number | null): void {
    if (row >= this.values.length) {
      this.values = enlarged(this.values, row + 1)
      this.nulls = enlarged(this.nulls, row + 1)
    }
    this.values[row] = value ?? 0
    this.nulls[row] = value === null ? 1 : 0
  }

  read(row: number): number | null {
    return this.nulls[row] === 1 ? null : this.values[row]!
  }
}

/**
 * Rows of an event block in ClickHouse's `Native` format: each column of the block becomes the column of the insert without a value of its own per row.
 */
import { UUID_BYTES } from '../../base/bytes/uuid-bytes.ts'
import {
  NumberColumn,
  SymbolColumn,
  TextColumn,
  TimeColumn,
  type UuidColumn,
} from '../../events/block/block-columns.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import { type ColumnValues, EVENT_COLUMNS, METADATA_COLUMNS } from '../../events/columns.ts'
import type { InsertTarget } from '../connection/store-connection.ts'
import type { ByteWriter } from './byte-writer.ts'
import { columnsOf, writeLowCardinality } from './column-formats.ts'
import { readMetadataValues } from './metadata-columns.ts'

const SURROGATE_ID = { name: 'surrogate_id', type: 'UInt32' } as const

export const EVENTS_TARGET = {
  table: 'analytics_events',
  columns: [...EVENT_COLUMNS, SURROGATE_ID, ...METADATA_COLUMNS],
} satisfies InsertTarget

const METADATA_FORMATS = columnsOf(METADATA_COLUMNS)

/** The longest encoding of a length of 32 bits. */
const MAX_VARINT_BYTES = 5
/** Shorter texts are copied by a loop, which is faster than a view. */
const MIN_VIEW_BYTES = 64
const UNUSED = 0xffff_ffff

/** The rows to write. */
export interface Selection {
  readonly rows: RowIndexes
  /** Whether they are all rows of the block in their order, whose columns are then copied as they are. */
  readonly isWhole: boolean
}

/**
 * Replaces what `writer` contains by the block of these rows with their surrogate ids, and returns its bytes: valid until the next use of the writer. Throws a StoreFailure
 * `rejected` for a value that its column cannot hold.
 */
export function encodeEvents(
  writer: ByteWriter,
  events: EventBlock,
  rows: RowIndexes,
  surrogateIds: Uint32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const selection = { rows, isWhole: rows.length === events.length }
  writer.clear()
  writer.varint(EVENTS_TARGET.columns.length)
  writer.varint(rows.length)
  for (const { name, type } of EVENT_COLUMNS) {
    writer.text(name)
    writer.text(type)
    writeColumn(writer, type, events.columns[name], selection)
  }
  writer.text(SURROGATE_ID.name)
  writer.text(SURROGATE_ID.type)
  writer.append(bytesOf(surrogateIds))
  const metadata = readMetadataValues(events, rows)
  for (const { name, type, write } of METADATA_FORMATS) {
    writer.text(name)
    writer.text(type)
    write(writer, metadata)
  }
  return writer.bytes
}

/** Writes the values of a column of this type. */
export function writeColumn(
  writer: ByteWriter,
  type: keyof ColumnValues,
  column: EventBlock['columns'][keyof EventBlock['columns']],
  selection: Selection,
): void {
  if (column instanceof SymbolColumn) {
    if (type === 'String') writeSymbolTexts(writer, column, selection)
    else writeSymbols(writer, column, selection)
  } else if (column instanceof TextColumn) {
    if (type === 'Nullable(String)') writeFlags(writer, column.nulls, selection)
    writeTexts(writer, column, selection)
  } else if (column instanceof NumberColumn) {
    if (type === 'Nullable(UInt32)') writeFlags(writer, column.nulls, selection)
    writer.append(bytesOf(selected(column.values, selection)))
  } else if (column instanceof TimeColumn) writeTimes(writer, column, selection)
  else writeUuids(writer, column satisfies UuidColumn, selection)
}

/** A null is an empty text in the column, too. */
function writeTexts(writer: ByteWriter, { bytes, ends }: TextColumn, { rows, isWhole }: Selection): void {
  const startOf = (row: number) => (row === 0 ? 0 : ends[row - 1]!)
  let total = 0
  if (isWhole) total = startOf(rows.length)
  else for (let index = 0; index < rows.length; index++) total += ends[rows[index]!]! - startOf(rows[index]!)
  const target = writer.reserve(total + rows.length * MAX_VARINT_BYTES)
  let at = writer.length
  if (total === 0) {
    target.fill(0, at, at + rows.length)
    return writer.advance(at + rows.length)
  }
  for (let index = 0; index < rows.length; index++) {
    const from = startOf(rows[index]!)
    const to = ends[rows[index]!]!
    at = putLength(target, at, to - from)
    if (to - from < MIN_VIEW_BYTES) for (let offset = from; offset < to;) target[at++] = bytes[offset++]!
    else {
      target.set(bytes.subarray(from, to), at)
      at += to - from
    }
  }
  writer.advance(at)
}

/** Symbols in a column of texts. */
function writeSymbolTexts(writer: ByteWriter, { symbols, indexes }: SymbolColumn, { rows }: Selection): void {
  const texts = Array.from({ length: symbols.size }, (_, symbol) => symbols.bytes(symbol))
  let total = 0
  for (let index = 0; index < rows.length; index++) total += texts[indexes[rows[index]!]!]!.length
  const target = writer.reserve(total + rows.length * MAX_VARINT_BYTES)
  let at = writer.length
  for (let index = 0; index < rows.length; index++) {
    const text = texts[indexes[rows[index]!]!]!
    at = putLength(target, at, text.length)
    for (let offset = 0; offset < text.length;) target[at++] = text[offset++]!
  }
  writer.advance(at)
}

/** The keys are the symbols of these rows in the order of their first appearance, behind the empty text, as in the engine's own blocks. */
function writeSymbols(writer: ByteWriter, { symbols, indexes }: SymbolColumn, { rows }: Selection): void {
  const keyOfSymbol = new Uint32Array(symbols.size).fill(UNUSED)
  const keys: Uint8Array[] = [new Uint8Array()]
  const rowKeys = new Uint32Array(rows.length)
  for (let index = 0; index < rows.length; index++) {
    const symbol = indexes[rows[index]!]!
    let key = keyOfSymbol[symbol]!
    if (key === UNUSED) {
      const text = symbols.bytes(symbol)
      key = text.length === 0 ? 0 : keys.push(text) - 1
      keyOfSymbol[symbol] = key
    }
    rowKeys[index] = key
  }
  const writeKeys = () => {
    for (const text of keys) {
      writer.varint(text.length)
      writer.append(text)
    }
  }
  writeLowCardinality(writer, keys.length, writeKeys, rowKeys)
}

function writeFlags(writer: ByteWriter, flags: Uint8Array, { rows, isWhole }: Selection): void {
  if (isWhole) return writer.append(flags.subarray(0, rows.length))
  const target = writer.reserve(rows.length)
  const start = writer.length
  for (let index = 0; index < rows.length; index++) target[start + index] = flags[rows[index]!]!
  writer.advance(start + rows.length)
}

function writeTimes(writer: ByteWriter, { values }: TimeColumn, { rows }: Selection): void {
  for (let index = 0; index < rows.length; index++) writer.int64(values[rows[index]!]!)
}

function writeUuids(writer: ByteWriter, { bytes }: UuidColumn, { rows, isWhole }: Selection): void {
  if (isWhole) return writer.append(bytes.subarray(0, rows.length * UUID_BYTES))
  const target = writer.reserve(rows.length * UUID_BYTES)
  let at = writer.length
  for (let index = 0; index < rows.length; index++) {
    const from = rows[index]! * UUID_BYTES
    for (let offset = from; offset < from + UUID_BYTES;) target[at++] = bytes[offset++]!
  }
  writer.advance(at)
}

function selected(values: Uint32Array<ArrayBuffer>, { rows, isWhole }: Selection): Uint32Array<ArrayBuffer> {
  return isWhole ? values.subarray(0, rows.length) : rows.map((row) => values[row]!)
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Writes a length as LEB128 and returns the offset behind it. */
function putLength(target: Uint8Array, at: number, length: number): number {
  while (length >= 0x80) {
    target[at++] = (length & 0x7f) | 0x80
    length >>>= 7
  }
  target[at] = length
  return at + 1
}

/**
 * The encoding of each column type in ClickHouse's `Native` format, and the SQL expression that reads it back. Layout: SerializationLowCardinality.cpp and the other
 * serializations of ClickHouse.
 */
import type { ColumnDefinition, ColumnValues } from '../../events/columns.ts'
import type { ByteWriter } from './byte-writer.ts'

interface ColumnFormat<Value> {
  /** Writes the values one after the other. Throws a StoreFailure `rejected` for a value that the type cannot hold. */
  readonly write: (writer: ByteWriter, values: ArrayLike<Value>) => void
  /** The SQL expression for the column's value in JSON; undefined where that is the column's name. */
  readonly select?: (column: string) => string
}

/** A column of a block: its name, its type as the engine writes it, and its encoding. */
export interface BlockColumn<Row> {
  readonly name: string
  readonly type: string
  readonly write: (writer: ByteWriter, rows: readonly Row[]) => void
}

/** Version of the keys' serialization: shared dictionaries with additional keys. */
const LOW_CARDINALITY_VERSION = 1
/** The block contains its own keys and starts a new dictionary. */
const HAS_OWN_KEYS = 0x600

// Loops by index: an insert encodes a million values, and iterators take twice the time.
const FORMATS: { readonly [Type in keyof ColumnValues]: ColumnFormat<ColumnValues[Type]> } = {
  UUID: {
    write(writer, values) {
      for (let index = 0; index < values.length; index++) writer.uuid(values[index]!)
    },
    select: (column) => `toString(${column})`,
  },
  String: {
    write(writer, values) {
      for (let index = 0; index < values.length; index++) writer.text(values[index]!)
    },
  },
  // The first key is the default of the type, the empty text, as in the engine's own blocks.
  'LowCardinality(String)': { write: (writer, values) => writeDictionary(writer, values, ['']) },
  // The first key stands for null, the second one is the empty text.
  'LowCardinality(Nullable(String))': { write: (writer, values) => writeDictionary(writer, values, [null, '']) },
  'Nullable(String)': {
    write(writer, values) {
      writer.append(nullFlags(values))
      for (let index = 0; index < values.length; index++) writer.text(values[index] ?? '')
    },
  },
  UInt32: {
    write(writer, values) {
      for (let index = 0; index < values.length; index++) writer.uint32(values[index]!)
    },
  },
  'Nullable(UInt32)': {
    write(writer, values) {
      writer.append(nullFlags(values))
      for (let index = 0; index < values.length; index++) writer.uint32(values[index] ?? 0)
    },
  },
  'DateTime64(3)': {
    write(writer, values) {
      for (let index = 0; index < values.length; index++) writer.int64(values[index]!)
    },
    select: (column) => `toUnixTimestamp64Milli(${column})`,
  },
}

/** Each distinct text once, then one index per row. `first` are the keys that the type begins with. */
function writeDictionary<Text extends string | null>(
  writer: ByteWriter,
  values: ArrayLike<Text>,
  first: readonly Text[],
): void {
  const keys = new Map(first.map((text, index) => [text, index]))
  const indexes = new Uint32Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const text = values[index]!
    let key = keys.get(text)
    if (key === undefined) keys.set(text, (key = keys.size))
    indexes[index] = key
  }
  const writeKeys = () => {
    for (const text of keys.keys()) writer.text(text ?? '')
  }
  writeLowCardinality(writer, keys.size, writeKeys, indexes)
}

/** A low-cardinality column of distinct keys, the first of which is the empty text, and the index of each row's key. */
export function writeLowCardinality(
  writer: ByteWriter,
  keyCount: number,
  writeKeys: () => void,
  indexes: Uint32Array<ArrayBuffer>,
): void {
  const width = keyCount <= 0xff ? 0 : keyCount <= 0xffff ? 1 : 2
  writer.int64(LOW_CARDINALITY_VERSION)
  writer.int64(width | HAS_OWN_KEYS)
  writer.int64(keyCount)
  writeKeys()
  writer.int64(indexes.length)
  writer.append(bytesOf(indexes, width))
}

/** The low bytes of integers: one byte each for width 0, two for 1, four for 2. */
function bytesOf(integers: Uint32Array<ArrayBuffer>, width: number): Uint8Array {
  if (width === 0) return new Uint8Array(integers)
  return new Uint8Array(width === 1 ? new Uint16Array(integers).buffer : integers.buffer)
}

/** One byte per value: 1 for null. */
function nullFlags(values: ArrayLike<unknown>): Uint8Array {
  const flags = new Uint8Array(values.length)
  for (let index = 0; index < values.length; index++) if (values[index] === null) flags[index] = 1
  return flags
}

/** Columns whose values are the properties of the same name. */
export function columnsOf<const Columns extends readonly ColumnDefinition[]>(columns: Columns) {
  type Row = { readonly [Column in Columns[number] as Column['name']]: ColumnValues[Column['type']] }
  // Reused by all columns, since an array per column would burden the garbage collector. Encoding is synchronous.
  const values: never[] = []
  return columns.map(({ name, type }): BlockColumn<Row> => {
    const format: ColumnFormat<never> = FORMATS[type]
    return {
      name,
      type,
      write(writer, rows) {
        for (let index = 0; index < rows.length; index++) values[index] = rows[index]![name as keyof Row] as never
        values.length = rows.length
        format.write(writer, values)
        values.length = 0
      },
    }
  })
}

/** The columns as a select list that returns the values of a row. */
export function selectList(columns: readonly ColumnDefinition[]): string {
  return columns
    .map(({ name, type }) => {
      const { select }: ColumnFormat<never> = FORMATS[type]
      return select ? `${select(name)} AS ${name}` : name
    })
    .join(', ')
}

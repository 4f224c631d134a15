import type { TextColumn } from '../block/block-columns.ts'
import { inputNamedAt } from '../input-names.ts'
import { type DataReader, MAX_OTHERS } from './data-reader.ts'
import {
  CLOSE_OBJECT,
  COLON,
  COMMA,
  type JsonReader,
  MAX_ORDINARY_BYTES,
  OBJECT,
  OPEN_OBJECT,
  QUOTE,
} from './json-reader.ts'
import { sameBytes } from './text-bytes.ts'

const SPACE = 0x20
const BACKSLASH = 0x5c

/** Writes the `metadata` column of a scanned message as `collectMetadata` does. */
export class MetadataWriter {
  readonly #reader: JsonReader
  readonly #data: DataReader
  /** The fields of `data` that belong into the metadata, as indexes of the reader's others. */
  readonly #kept = new Uint8Array(MAX_OTHERS)
  #keptCount = 0
  /** Never longer than the message. */
  readonly #text = new Uint8Array(MAX_ORDINARY_BYTES + 2)
  #length = 0

  constructor(reader: JsonReader, data: DataReader) {
    this.#reader = reader
    this.#data = data
  }

  /** Chooses the fields that belong into the metadata. False: one of them has the name of a field of the metadata, or another name of the same input, which is not ordinary. */
  prepare(): boolean {
    const data = this.#data
    this.#keptCount = 0
    for (let index = 0; index < data.otherCount; index++) {
      if (data.otherFields[index]?.isRead) continue
      if (this.#isInMetadata(data.keyFrom[index]!, data.keyTo[index]!)) return false
      this.#kept[this.#keptCount++] = index
    }
    return true
  }

  write(column: TextColumn, row: number): void {
    const { metadata } = this.#data.fields
    const { bytes, hasSpace } = this.#reader
    if (this.#keptCount === 0 && !hasSpace && metadata.kind === OBJECT)
      return column.setBytes(row, bytes, metadata.from, metadata.to)
    this.#text[0] = OPEN_OBJECT
    this.#length = 1
    if (metadata.kind === OBJECT) this.#copy(metadata.from + 1, metadata.to - 1)
    for (let index = 0; index < this.#keptCount; index++) this.#addField(this.#kept[index]!)
    this.#text[this.#length++] = CLOSE_OBJECT
    column.setBytes(row, this.#text, 0, this.#length)
  }

  #isInMetadata(from: number, to: number): boolean {
    const { bytes, keyCount, keyFrom, keyTo } = this.#reader
    if (keyCount === 0) return false
    for (let key = 0; key < keyCount; key++) if (sameBytes(bytes, keyFrom[key]!, keyTo[key]!, from, to)) return true
    const input = inputNamedAt(bytes, from, to)
    if (input === -1) return false
    for (let key = 0; key < keyCount; key++) if (inputNamedAt(bytes, keyFrom[key]!, keyTo[key]!) === input) return true
    return false
  }

  #addField(index: number): void {
    const data = this.#data
    if (this.#length > 1) this.#text[this.#length++] = COMMA
    this.#copy(data.keyFrom[index]! - 1, data.keyTo[index]! + 1)
    this.#text[this.#length++] = COLON
    this.#copy(data.valueFrom[index]!, data.valueTo[index]!)
  }

  /** Copies JSON without the white space between its tokens. */
  #copy(from: number, to: number): void {
    const { bytes, hasSpace } = this.#reader
    const text = this.#text
    let length = this.#length
    let isInText = false
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      if (hasSpace) {
        if (byte === QUOTE) isInText = !isInText
        else if (byte === BACKSLASH) text[length++] = bytes[at++]!
        else if (byte <= SPACE && !isInText) continue
      }
      text[length++] = bytes[at]!
    }
    this.#length = length
  }
}

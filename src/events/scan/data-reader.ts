import { DataFields, type Field } from './data-fields.ts'
import { CLOSE_OBJECT, COMMA, IRREGULAR, type JsonReader, OBJECT, OPEN_OBJECT, TEXT } from './json-reader.ts'
import { sameBytes } from './text-bytes.ts'

/** More fields without a column are not ordinary. */
export const MAX_OTHERS = 64

/** Reads the object `data`: the places of its fields, and of the fields that may be stored in the metadata. */
export class DataReader {
  readonly fields = new DataFields()
  /** Fields that are stored in the metadata unless their `Field` is read: key without quotes and value with them, in the order of the message. */
  otherCount = 0
  readonly otherFields: (Field | undefined)[] = Array.from({ length: MAX_OTHERS })
  readonly keyFrom = new Uint32Array(MAX_OTHERS)
  readonly keyTo = new Uint32Array(MAX_OTHERS)
  readonly valueFrom = new Uint32Array(MAX_OTHERS)
  readonly valueTo = new Uint32Array(MAX_OTHERS)
  readonly #reader: JsonReader

  constructor(reader: JsonReader) {
    this.#reader = reader
  }

  /** The keys of the object `metadata` are the first of the reader's keys. False: the object is not ordinary. */
  read(): boolean {
    const reader = this.#reader
    const { bytes } = reader
    this.fields.clear()
    this.otherCount = 0
    reader.keyCount = 0
    if (bytes[reader.at] !== OPEN_OBJECT) return false
    reader.at++
    let byte = reader.skipSpace()
    if (byte === CLOSE_OBJECT) reader.at++
    while (byte !== CLOSE_OBJECT) {
      if (!reader.readKey() || !this.#readField()) return false
      byte = reader.skipSpace()
      reader.at++
      if (byte === COMMA) reader.skipSpace()
      else if (byte !== CLOSE_OBJECT) return false
    }
    return true
  }

  #readField(): boolean {
    const reader = this.#reader
    const { textFrom: keyFrom, textTo: keyTo } = reader
    const field = this.fields.find(reader.bytes, keyFrom, keyTo)
    if (!reader.skipColon()) return false
    const from = reader.at
    reader.hasEscape = false
    const kind = reader.readValue(1)
    if (kind === IRREGULAR) return false
    if (field === undefined) return !this.#hasOther(keyFrom, keyTo) && this.#addOther(undefined, keyFrom, keyTo, from)
    // A second value of a field would replace the first one.
    if (field.isPresent || (field.accepted & kind) === 0 || (kind === TEXT && reader.hasEscape)) return false
    field.kind = kind
    field.from = kind === TEXT ? from + 1 : from
    field.to = kind === TEXT ? reader.at - 1 : reader.at
    if (field === this.fields.metadata) reader.keyCount = kind === OBJECT ? reader.keysEnd : 0
    return !field.mayStay || this.#addOther(field, keyFrom, keyTo, from)
  }

  #addOther(field: Field | undefined, keyFrom: number, keyTo: number, valueFrom: number): boolean {
    const index = this.otherCount
    if (index === MAX_OTHERS) return false
    this.otherFields[index] = field
    this.keyFrom[index] = keyFrom
    this.keyTo[index] = keyTo
    this.valueFrom[index] = valueFrom
    this.valueTo[index] = this.#reader.at
    this.otherCount++
    return true
  }

  #hasOther(keyFrom: number, keyTo: number): boolean {
    const { bytes } = this.#reader
    for (let index = 0; index < this.otherCount; index++)
      if (sameBytes(bytes, this.keyFrom[index]!, this.keyTo[index]!, keyFrom, keyTo)) return true
    return false
  }
}

/** The fields of `data` that `normaliseEvent` reads, as places in the bytes of the message. */
import { ARRAY, INTEGER, NULL, OBJECT, SCALAR, TEXT } from './json-reader.ts'
import { isText } from './text-bytes.ts'

const ABSENT = 0
const ANY = TEXT | NULL | INTEGER | SCALAR | OBJECT | ARRAY

const encoder = new TextEncoder()

/** A field of `data` in the message that was scanned last. */
export class Field {
  readonly name: string
  readonly key: Uint8Array
  /** The kinds of values with which a message is ordinary. */
  readonly accepted: number
  /** Whether it is stored in the metadata unless it is read. */
  readonly mayStay: boolean
  /** The kind of its value, of json-reader.ts; 0 when the field is absent. */
  kind = ABSENT
  /** The place of the value; for a text without the quotes. */
  from = 0
  to = 0
  /** Whether it is stored in a column, or consumed like one. */
  isRead = false

  constructor(name: string, accepted: number, mayStay: boolean) {
    this.name = name
    this.key = encoder.encode(name)
    this.accepted = accepted
    this.mayStay = mayStay
  }

  get isPresent(): boolean {
    return this.kind !== ABSENT
  }

  /** Whether the value is a text that is not empty. */
  get hasText(): boolean {
    return this.kind === TEXT && this.to > this.from
  }

  clear(): void {
    this.kind = ABSENT
    this.isRead = false
  }

  /** Reads a text or an id: the field itself if it contains one. An empty text and null are read too. */
  read(): Field | undefined {
    if ((this.kind & (TEXT | NULL)) === 0) return undefined
    this.isRead = true
    return this.to > this.from && this.kind === TEXT ? this : undefined
  }
}

const text = (name: string) => new Field(name, TEXT | NULL, false)
/** An id of an entity that only some events have. */
const entityId = (name: string) => new Field(name, TEXT | NULL, true)
const anyValue = (name: string) => new Field(name, ANY, true)

const MAX_KEY_LENGTH = 12
const FIRST_BITS = 5

export class DataFields {
  readonly channel = text('channel')
  readonly contactId = text('contactId')
  readonly userId = text('userId')
  readonly sourceType = text('sourceType')
  readonly sourceId = text('sourceId')
  readonly campaignId = text('campaignId')
  readonly workflowId = text('workflowId')
  readonly sequenceId = text('sequenceId')
  readonly templateId = text('templateId')
  readonly enrollmentId = text('enrollmentId')
  readonly messageId = entityId('messageId')
  readonly runId = entityId('runId')
  readonly campaignName = anyValue('campaignName')
  readonly workflowName = anyValue('workflowName')
  readonly sequenceName = anyValue('sequenceName')
  readonly templateName = anyValue('templateName')
  readonly name = anyValue('name')
  readonly sourceName = anyValue('sourceName')
  readonly status = anyValue('status')
  readonly stepNumber = new Field('stepNumber', INTEGER | NULL, false)
  readonly metadata = new Field('metadata', OBJECT | NULL, false)

  readonly #all = Object.values(this) as readonly Field[]
  /** The fields by the length and the first character of their keys. */
  readonly #byKey: (readonly Field[])[] = Array.from({ length: (MAX_KEY_LENGTH + 1) << FIRST_BITS }, (_, place) =>
    this.#all.filter(({ key }) => placeOf(key.length, key[0]!) === place),
  )

  /** Makes all fields absent. */
  clear(): void {
    for (const field of this.#all) field.clear()
  }

  /** The field whose key stands from `from` to `to`. */
  find(bytes: Uint8Array, from: number, to: number): Field | undefined {
    if (to - from > MAX_KEY_LENGTH) return undefined
    const fields = this.#byKey[placeOf(to - from, bytes[from]!)]!
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!
      if (isText(bytes, from, to, field.key)) return field
    }
    return undefined
  }

  /** The field with this name. */
  named(name: string): Field | undefined {
    return this.#all.find((field) => field.name === name)
  }
}

function placeOf(length: number, first: number): number {
  return (length << FIRST_BITS) | (first & ((1 << FIRST_BITS) - 1))
}

/** Reads the top level of a message. */
import { TENANT_ID } from '../../base/tenant-id.ts'
import type { DataReader } from './data-reader.ts'
import type { InstantReader } from './instant.ts'
import { CLOSE_OBJECT, COMMA, INTEGER, IRREGULAR, type JsonReader, NULL, OPEN_OBJECT, TEXT } from './json-reader.ts'
import { isText } from './text-bytes.ts'

const encoder = new TextEncoder()
const TENANT_ID_KEY = encoder.encode('tenantId')
const EVENT_ID_KEY = encoder.encode('eventId')
const TIMESTAMP_KEY = encoder.encode('timestamp')
const DATA_KEY = encoder.encode('data')

const MAX_TENANT_BYTES = 128
/** 1 for the characters of a tenant's id. */
const TENANT_CHARACTERS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 && TENANT_ID.test(String.fromCharCode(byte)) ? 1 : 0,
)

export class EnvelopeReader {
  tenantFrom = 0
  tenantTo = 0
  /** The key of the event; empty without an `eventId`. */
  eventIdFrom = 0
  eventIdTo = 0
  readonly #reader: JsonReader
  readonly #data: DataReader
  #hasTenant = false
  #hasEventId = false
  #hasData = false
  /** TEXT or INTEGER; 0 without a timestamp. */
  #timestampKind = 0
  #timestampFrom = 0
  #timestampTo = 0

  constructor(reader: JsonReader, data: DataReader) {
    this.#reader = reader
    this.#data = data
  }

  /** Reads a whole message. False: it is not ordinary. */
  read(): boolean {
    const reader = this.#reader
    this.#hasTenant = this.#hasEventId = this.#hasData = false
    this.eventIdFrom = this.eventIdTo = 0
    this.#timestampKind = 0
    if (reader.skipSpace() !== OPEN_OBJECT) return false
    reader.at++
    reader.skipSpace()
    for (;;) {
      if (!reader.readKey() || !this.#readField()) return false
      const byte = reader.skipSpace()
      reader.at++
      if (byte === CLOSE_OBJECT) break
      if (byte !== COMMA) return false
      reader.skipSpace()
    }
    reader.skipSpace()
    return reader.isAtEnd && this.#hasTenant && this.#hasData && this.#timestampKind !== 0
  }

  /** When the event occurred, in epoch milliseconds; NaN when the timestamp is not ordinary. */
  instant(instants: InstantReader): number {
    const { bytes } = this.#reader
    return this.#timestampKind === TEXT
      ? instants.read(bytes, this.#timestampFrom, this.#timestampTo)
      : this.#reader.integerAt(this.#timestampFrom, this.#timestampTo)
  }

  #readField(): boolean {
    const reader = this.#reader
    const { bytes, textFrom: from, textTo: to } = reader
    if (!reader.skipColon()) return false
    switch (to - from) {
      case DATA_KEY.length:
        return isText(bytes, from, to, DATA_KEY) ? this.#readData() : this.#skipValue()
      case EVENT_ID_KEY.length:
        return isText(bytes, from, to, EVENT_ID_KEY) ? this.#readEventId() : this.#skipValue()
      case TENANT_ID_KEY.length:
        return isText(bytes, from, to, TENANT_ID_KEY) ? this.#readTenant() : this.#skipValue()
      case TIMESTAMP_KEY.length:
        return isText(bytes, from, to, TIMESTAMP_KEY) ? this.#readTimestamp() : this.#skipValue()
      default:
        return this.#skipValue()
    }
  }

  #skipValue(): boolean {
    return this.#reader.readValue(1) !== IRREGULAR
  }

  #readData(): boolean {
    if (this.#hasData) return false
    this.#hasData = true
    return this.#data.read()
  }

  #readEventId(): boolean {
    const reader = this.#reader
    if (this.#hasEventId) return false
    this.#hasEventId = true
    reader.hasEscape = false
    const kind = reader.readValue(1)
    if (kind === NULL) return true
    this.eventIdFrom = reader.textFrom
    this.eventIdTo = reader.textTo
    return kind === TEXT && !reader.hasEscape
  }

  #readTenant(): boolean {
    const reader = this.#reader
    if (this.#hasTenant || !reader.readText()) return false
    this.#hasTenant = true
    const { bytes, textFrom, textTo } = reader
    const length = textTo - textFrom
    if (length === 0 || length > MAX_TENANT_BYTES) return false
    for (let at = textFrom; at < textTo; at++) if (TENANT_CHARACTERS[bytes[at]!] === 0) return false
    this.tenantFrom = textFrom
    this.tenantTo = textTo
    return true
  }

  #readTimestamp(): boolean {
    const reader = this.#reader
    if (this.#timestampKind !== 0) return false
    const from = reader.at
    const kind = reader.readValue(1)
    if (kind !== TEXT && kind !== INTEGER) return false
    this.#timestampKind = kind
    this.#timestampFrom = kind === TEXT ? from + 1 : from
    this.#timestampTo = kind === TEXT ? reader.at - 1 : reader.at
    return true
  }
}

import { isTenantId } from '../base/tenant-id.ts'
import { Rejection } from './rejection.ts'
import { hasTooManyValues } from './value-limit.ts'

/** Larger messages are rejected: 1 MiB. */
export const MAX_MESSAGE_BYTES = 1_048_576

export type JsonObject = Readonly<Record<string, unknown>>

/** A producer's message, parsed and with a valid tenant; the other fields are not validated yet. */
export interface EventEnvelope {
  readonly tenantId: string
  readonly eventId: unknown
  readonly timestamp: unknown
  readonly data: JsonObject
  /** The text of the message, from which numbers that a double cannot represent are read again. */
  readonly text: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const NO_DATA: JsonObject = {}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses a message. Returns a rejection with its reason when the message is not an envelope; never throws. */
export function parseEventEnvelope(bytes: Uint8Array): EventEnvelope | Rejection {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) return new Rejection('too_large')
  if (hasTooManyValues(bytes)) return new Rejection('too_many_values')
  let text: string
  let parsed: unknown
  try {
    text = utf8.decode(bytes)
    parsed = JSON.parse(text)
  } catch {
    return new Rejection('invalid_json')
  }
  if (!isJsonObject(parsed)) return new Rejection('not_an_object')
  const { tenantId, eventId, timestamp, data } = parsed
  if (!isTenantId(tenantId)) return new Rejection('invalid_tenant')
  return { tenantId, eventId, timestamp, data: isJsonObject(data) ? data : NO_DATA, text }
}

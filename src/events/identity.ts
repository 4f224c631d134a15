import { parse } from 'uuid'
import { portableSha1, type Sha1 } from '../base/bytes/sha1.ts'
import { uuidText } from '../base/bytes/uuid-bytes.ts'

/** Namespace of event ids from a producer's key. It must never change: otherwise redelivered events would be stored a second time. */
export const PRODUCER_KEY_NAMESPACE = parse('6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10')
/** Namespace of event ids from the position in the stream; a separate one, so that no eventId can collide with them. */
const STREAM_POSITION_NAMESPACE = parse('c2a7e9d4-51b8-5f63-8e0a-7d94b6c1f3a8')
/** Namespaces of the hashes that identify contacts and enrollments without their ids. */
const CONTACT_NAMESPACE = parse('3d9c6f0b-8b7e-5a41-9a65-b1e4f27c08d6')
const ENROLLMENT_NAMESPACE = parse('a84e1f57-0c3d-5b92-8f16-5e7d20c9b34a')

const NAMESPACE_BYTES = 16
const DIGEST_BYTES = 20

const encoder = new TextEncoder()
/** A namespace and the name behind it. No call leaves anything in it that another one reads. */
let input = new Uint8Array(512)
const digest = new Uint8Array(DIGEST_BYTES)
let sha1 = portableSha1

/**
 * Computes all hashes of this process with the runtime's SHA-1 instead of the one in JavaScript. Both give the same hashes: this is the choice of an implementation, made
 * once by the process, and therefore no argument of each function.
 */
export function useSha1(native: Sha1 = portableSha1): void {
  sha1 = native
}

/** The SHA-1 that the process uses. */
export const processSha1: Sha1 = (bytes, target) => sha1(bytes, target)

/** The position of a message in its stream. */
export interface StreamPosition {
  readonly stream: string
  readonly sequence: number
  /** When the broker stored the message, in epoch milliseconds. A stream that was deleted and created again counts from 1 again. */
  readonly storedAt: number
}

/**
 * The id of an event: a UUIDv5 of the tenant and the first available key of these: `eventId`, the `Nats-Msg-Id` header, the position in the stream. An event has the same
 * id whenever it is delivered or published again. Two tenants never share an id, since a tenantId cannot contain the separator.
 */
export function deriveEventId(tenantId: string, producerKey: string | undefined, position: StreamPosition): string {
  if (producerKey) return uuidOf(`${tenantId}/${producerKey}`, PRODUCER_KEY_NAMESPACE)
  return uuidOf(`${tenantId}/${position.stream}/${position.sequence}/${position.storedAt}`, STREAM_POSITION_NAMESPACE)
}

/** A hash that identifies a contact of a tenant without its id. */
export function contactHash(tenantId: string, contactId: string): string {
  return uuidOf(`${tenantId}/${contactId}`, CONTACT_NAMESPACE)
}

/** A hash that identifies an enrollment of a tenant without its id. */
export function enrollmentHash(tenantId: string, enrollmentId: string): string {
  return uuidOf(`${tenantId}/${enrollmentId}`, ENROLLMENT_NAMESPACE)
}

/** The UUIDv5 of a name as text. */
function uuidOf(name: string, namespace: Uint8Array): string {
  // UTF-8 takes at most three bytes per code unit.
  reserve(NAMESPACE_BYTES + name.length * 3)
  const { written } = encoder.encodeInto(name, input.subarray(NAMESPACE_BYTES))
  hash(namespace, NAMESPACE_BYTES + written)
  return uuidText(digest)
}

/** Puts the UUIDv5 of the name in `input`, which ends at `length`, into the first 16 bytes of `digest`. */
function hash(namespace: Uint8Array, length: number): void {
  input.set(namespace)
  sha1(input.subarray(0, length), digest)
  digest[6] = (digest[6]! & 0x0f) | 0x50
  digest[8] = (digest[8]! & 0x3f) | 0x80
}

function reserve(length: number): void {
  if (input.length < length) input = new Uint8Array(length * 2)
}

import { parse, v5 } from 'uuid'

/** Namespace of event ids from a producer's key. It must never change: otherwise redelivered events would be stored a second time. */
export const PRODUCER_KEY_NAMESPACE = parse('6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10')
/** Namespace of event ids from the position in the stream; a separate one, so that no eventId can collide with them. */
const STREAM_POSITION_NAMESPACE = parse('c2a7e9d4-51b8-5f63-8e0a-7d94b6c1f3a8')
/** Namespaces of the hashes that identify contacts and enrollments without their ids. */
const CONTACT_NAMESPACE = parse('3d9c6f0b-8b7e-5a41-9a65-b1e4f27c08d6')
const ENROLLMENT_NAMESPACE = parse('a84e1f57-0c3d-5b92-8f16-5e7d20c9b34a')

const encoder = new TextEncoder()

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
  if (producerKey) return v5(encoder.encode(`${tenantId}/${producerKey}`), PRODUCER_KEY_NAMESPACE)
  return v5(
    encoder.encode(`${tenantId}/${position.stream}/${position.sequence}/${position.storedAt}`),
    STREAM_POSITION_NAMESPACE,
  )
}

/** A hash that identifies a contact of a tenant without its id. */
export function contactHash(tenantId: string, contactId: string): string {
  return v5(encoder.encode(`${tenantId}/${contactId}`), CONTACT_NAMESPACE)
}

/** A hash that identifies an enrollment of a tenant without its id. */
export function enrollmentHash(tenantId: string, enrollmentId: string): string {
  return v5(encoder.encode(`${tenantId}/${enrollmentId}`), ENROLLMENT_NAMESPACE)
}

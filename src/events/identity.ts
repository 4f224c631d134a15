import { parse, v5 } from 'uuid'

/** Namespace of ids that come from a producer's own key. Fixed for ever: changing it would count every stored event again. */
const PRODUCER_KEY_NAMESPACE = parse('6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10')
/** Namespace of ids that come from the place in the stream, apart, so that no eventId can imitate one. */
const STREAM_POSITION_NAMESPACE = parse('c2a7e9d4-51b8-5f63-8e0a-7d94b6c1f3a8')
/** Namespaces of the keys by which contacts and enrollments are known without their ids. The migration that numbers older rows has them too. */
const CONTACT_NAMESPACE = parse('3d9c6f0b-8b7e-5a41-9a65-b1e4f27c08d6')
const ENROLLMENT_NAMESPACE = parse('a84e1f57-0c3d-5b92-8f16-5e7d20c9b34a')

const encoder = new TextEncoder()

/** Where a message stood in its stream. */
export interface StreamPosition {
  readonly stream: string
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds: a stream that was deleted and made again counts from 1 again. */
  readonly storedAt: number
}

/**
 * The id of an event's row: a UUIDv5 of the tenant and the first key there is: `eventId`, the `Nats-Msg-Id` header, the place in the stream.
 * The same event, however often and whenever it is delivered or published again, has one id; two tenants never share one
 * (a tenantId cannot contain the separator).
 */
export function deriveEventId(tenantId: string, producerKey: string | undefined, position: StreamPosition): string {
  if (producerKey) return v5(encoder.encode(`${tenantId}/${producerKey}`), PRODUCER_KEY_NAMESPACE)
  return v5(
    encoder.encode(`${tenantId}/${position.stream}/${position.sequence}/${position.storedAt}`),
    STREAM_POSITION_NAMESPACE,
  )
}

/** A hash by which a contact of a tenant is known without its id. */
export function contactKey(tenantId: string, contactId: string): string {
  return v5(encoder.encode(`${tenantId}/${contactId}`), CONTACT_NAMESPACE)
}

/** Likewise of an enrollment. */
export function enrollmentKey(tenantId: string, enrollmentId: string): string {
  return v5(encoder.encode(`${tenantId}/${enrollmentId}`), ENROLLMENT_NAMESPACE)
}

import { hashMessage } from './message-hash.ts'

const encoder = new TextEncoder()

/** The hash by which the facts of a message are found, as a decimal number for SQL. */
export function messageHashText(tenantId: string, messageId: string): string {
  const bytes = encoder.encode(messageId)
  const halves = new Uint32Array(2)
  hashMessage(encoder.encode(tenantId), bytes, 0, bytes.length, halves, 0)
  return String((BigInt(halves[1]!) << 32n) | BigInt(halves[0]!))
}

import type { MsgHdrs } from 'nats'
import type { Delivery } from '../../ingest/ports.ts'

/** Headers of a dead letter. */
export const DEAD_LETTER_HEADERS = {
  subject: 'Analytics-Subject',
  stream: 'Analytics-Stream',
  sequence: 'Analytics-Sequence',
  /** When the broker stored the original, in epoch milliseconds. */
  storedAt: 'Analytics-Stored-At',
  reason: 'Analytics-Reason',
  message: 'Analytics-Message',
  /** `2/3` = the second of three parts of a message that did not fit into one together with these headers. */
  part: 'Analytics-Part',
  /** Prefix of the original headers. */
  original: 'Analytics-Original-',
} as const

/** Limit for the original headers in bytes: JetStream stores no message with more than 64 KiB of headers, and each header grows by the prefix. */
const MAX_ORIGINAL_BYTES = 49_152

/** The original headers that fit into the limit; those that carry the identity of the event come first. */
export function keptHeaders(original: Delivery['headers']) {
  const encoder = new TextEncoder()
  const originals: (readonly [name: string, value: string])[] = []
  let originalBytes = 0
  const isIdentity = (name: string) => name === 'Nats-Msg-Id' || name.startsWith('Analytics-Replay-')
  const entries = [...original].sort(([a], [b]) => Number(isIdentity(b)) - Number(isIdentity(a)))
  for (const [name, values] of entries)
    for (const value of values) {
      const bytes = encoder.encode(`${DEAD_LETTER_HEADERS.original}${name}: ${value}\r\n`).byteLength
      if (originalBytes + bytes > MAX_ORIGINAL_BYTES) continue
      originalBytes += bytes
      originals.push([name, value])
    }
  return { originals, originalBytes }
}

/** Adds a header unless the client refuses its name or value: the body, which a replay publishes, is kept in any case. */
export function appendIfValid(head: MsgHdrs, name: string, value: string): void {
  try {
    head.append(name, value)
  } catch {
    // A producer can send a header that this client cannot encode.
  }
}

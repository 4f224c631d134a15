/**
 * The dead letters as messages of the stream ANALYTICS_DEAD: the original bytes, with headers that say where they came from and why they are here.
 */
import { headers, type JetStreamClient, type MsgHdrs, type NatsConnection } from 'nats'
import type { DeadLetter, DeadLetterSink, Delivery } from '../../ingest/ports.ts'
import { DEAD_LETTER_SUBJECT } from '../topology.ts'

export const DEAD_LETTER_HEADERS = {
  subject: 'Analytics-Subject',
  stream: 'Analytics-Stream',
  sequence: 'Analytics-Sequence',
  /** When the broker stored the original, in epoch milliseconds. */
  storedAt: 'Analytics-Stored-At',
  reason: 'Analytics-Reason',
  message: 'Analytics-Message',
  /** `2/3` = the second of three parts of a message that did not fit in one with these headers. */
  part: 'Analytics-Part',
  /** The original headers, each with this in front of its name. */
  original: 'Analytics-Original-',
} as const

/** A cluster that loses a stream's leader answers nothing that was on its way; the letter is put again then, and kept once. */
const PUBLISH_TIMEOUT_MS = 5_000
/** Room for our own headers. */
const HEADER_BYTES = 8_192
/** Original headers are kept up to so many bytes: JetStream stores no message with more than 64 KiB of headers, and each grows here by its prefix. */
const MAX_ORIGINAL_BYTES = 49_152

export class DeadLetterStream implements DeadLetterSink {
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS })
  }

  async put({ delivery, reason, message }: DeadLetter): Promise<void> {
    const maxPayload = this.#connection.info?.max_payload ?? 1_048_576
    const { originals, originalBytes } = keptHeaders(delivery.headers)
    const room = Math.max(1_024, maxPayload - HEADER_BYTES - originalBytes)
    const { stream, sequence, storedAt } = delivery.place
    const parts = Math.max(1, Math.ceil(delivery.data.byteLength / room))
    for (let part = 1; part <= parts; part++) {
      const head = headers()
      head.set(DEAD_LETTER_HEADERS.subject, delivery.subject)
      head.set(DEAD_LETTER_HEADERS.stream, stream)
      head.set(DEAD_LETTER_HEADERS.sequence, String(sequence))
      head.set(DEAD_LETTER_HEADERS.storedAt, String(storedAt))
      head.set(DEAD_LETTER_HEADERS.reason, reason)
      head.set(DEAD_LETTER_HEADERS.message, message)
      if (parts > 1) head.set(DEAD_LETTER_HEADERS.part, `${part}/${parts}`)
      if (part === 1)
        for (const [name, value] of originals) appendSafely(head, `${DEAD_LETTER_HEADERS.original}${name}`, value)
      await this.#jetstream.publish(
        `${DEAD_LETTER_SUBJECT}.${reason}`,
        delivery.data.subarray((part - 1) * room, part * room),
        {
          headers: head,
          // The publication time tells a recreated stream's messages from the old one's.
          msgID: `${stream}:${sequence}:${storedAt}:${part}`,
        },
      )
    }
  }
}

/** The original headers as far as there is room; those that carry the event's identity come first. */
function keptHeaders(original: Delivery['headers']) {
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

function appendSafely(head: MsgHdrs, name: string, value: string): void {
  try {
    head.append(name, value)
  } catch {
    // A header the client cannot write again: the body, which is what gets replayed, is kept all the same.
  }
}

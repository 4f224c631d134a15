/**
 * The dead letters as messages of the stream ANALYTICS_DEAD: the original bytes, with headers that say where they came from and why they are here.
 */
import { headers, type JetStreamClient, type MsgHdrs, type NatsConnection } from 'nats'
import type { DeadLetter, DeadLetterSink } from '../ingest/ports.ts'
import { DEAD_LETTER_SUBJECT } from './topology.ts'

export const DEAD_HEADERS = {
  subject: 'Analytics-Subject',
  stream: 'Analytics-Stream',
  sequence: 'Analytics-Sequence',
  reason: 'Analytics-Reason',
  message: 'Analytics-Message',
  /** `2/3` = the second of three parts of a message that did not fit in one with these headers. */
  part: 'Analytics-Part',
  /** The original headers, each with this in front of its name. */
  original: 'Analytics-Original-',
} as const

/** Room for our headers beside a body of the broker's maximum size. */
const HEADER_BYTES = 8_192

export class DeadLetterStream implements DeadLetterSink {
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: 10_000 })
  }

  async put({ delivery, reason, message }: DeadLetter): Promise<void> {
    const maxPayload = this.#connection.info?.max_payload ?? 1_048_576
    const originals = [...delivery.headers].flatMap(([name, values]) => values.map((value) => [name, value] as const))
    const originalBytes = originals.reduce((sum, [name, value]) => sum + name.length + value.length * 4 + 32, 0)
    const room = Math.max(1_024, maxPayload - HEADER_BYTES - originalBytes)
    const parts = Math.max(1, Math.ceil(delivery.data.byteLength / room))
    for (let part = 1; part <= parts; part++) {
      const head = headers()
      head.set(DEAD_HEADERS.subject, delivery.subject)
      head.set(DEAD_HEADERS.stream, delivery.stream)
      head.set(DEAD_HEADERS.sequence, String(delivery.sequence))
      head.set(DEAD_HEADERS.reason, reason)
      head.set(DEAD_HEADERS.message, message)
      if (parts > 1) head.set(DEAD_HEADERS.part, `${part}/${parts}`)
      if (part === 1)
        for (const [name, value] of originals) appendSafely(head, `${DEAD_HEADERS.original}${name}`, value)
      await this.#jetstream.publish(
        `${DEAD_LETTER_SUBJECT}.${reason}`,
        delivery.data.subarray((part - 1) * room, part * room),
        {
          headers: head,
          // The publication time tells a recreated stream's messages from the old one's.
          msgID: `${delivery.stream}:${delivery.sequence}:${delivery.publishedAt}:${part}`,
        },
      )
    }
  }
}

function appendSafely(head: MsgHdrs, name: string, value: string): void {
  try {
    head.append(name, value)
  } catch {
    // A header the client cannot write again: the body, which is what gets replayed, is kept all the same.
  }
}

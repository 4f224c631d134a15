/**
 * Dead letters as messages of the stream ANALYTICS_DEAD: the original bytes, with headers that state the origin and the reason.
 */
import {
  DiscardPolicy,
  headers,
  type JetStreamClient,
  type JetStreamManager,
  nanos,
  type NatsConnection,
  RetentionPolicy,
  StorageType,
} from 'nats'
import type { DeadLetter, DeadLetterSink } from '../../ingest/ports.ts'
import { maxPayloadOf } from '../connection.ts'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { DEAD_LETTER_STREAM, DEAD_LETTER_SUBJECT_PREFIX } from '../names.ts'
import { type StreamLimits, streamLimits } from '../stream-limits.ts'
import { appendIfValid, DEAD_LETTER_HEADERS, keptHeaders } from './dead-letter-headers.ts'

/** A dead letter that is published twice within this time, after a crash in between, is kept once. The broker keeps the message ids of this time in memory. */
const DEDUPE_MS = 600_000
/** A NATS cluster that loses the leader of the stream does not respond to pending publishes: the dead letter is then published again and kept once. */
const PUBLISH_TIMEOUT_MS = 5_000
/** Space for the headers of the dead letter itself. */
const HEADER_BYTES = 8_192

export function deadLetterStreamSpec({ deadLettersMaxBytes }: StreamLimits): StreamSpec {
  return {
    name: DEAD_LETTER_STREAM,
    subjects: [`${DEAD_LETTER_SUBJECT_PREFIX}*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_bytes: deadLettersMaxBytes,
    // The oldest dead letters are dropped: a full stream that refuses new ones would block every event after them.
    discard: DiscardPolicy.Old,
    duplicate_window: nanos(DEDUPE_MS),
  }
}

export async function ensureDeadLetterStream(
  jsm: JetStreamManager,
  limits: StreamLimits = streamLimits(),
): Promise<void> {
  await ensureStream(jsm, deadLetterStreamSpec(limits))
}

export class DeadLetterStream implements DeadLetterSink {
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS })
  }

  /** Publishes one message, or several when the original does not fit into one with these headers. */
  async put({ delivery, reason, message }: DeadLetter): Promise<void> {
    const maxPayload = maxPayloadOf(this.#connection)
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
        for (const [name, value] of originals) appendIfValid(head, `${DEAD_LETTER_HEADERS.original}${name}`, value)
      await this.#jetstream.publish(
        DEAD_LETTER_SUBJECT_PREFIX + reason,
        delivery.data.subarray((part - 1) * room, part * room),
        {
          headers: head,
          // The publication time distinguishes messages of a recreated stream from those of the old one.
          msgID: `${stream}:${sequence}:${storedAt}:${part}`,
        },
      )
    }
  }
}

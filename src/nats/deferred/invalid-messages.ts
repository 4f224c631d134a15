/**
 * Messages in the stream of deferred events whose subject is no tenant's, because another client published them. No tenant's consumer delivers them, so they are moved to the
 * dead letters.
 */
import type { JetStreamManager, StoredMsg, StreamInfo } from 'nats'
import type { DeadLetterSink, Delivery } from '../../ingest/ports.ts'
import { DEFERRED_STREAM, REPLAY_HEADERS } from '../names.ts'
import { readMessage } from '../stream-info.ts'
import { tenantOfSubject } from './deferred-stream.ts'

/** Messages that one call reads. They are read one by one, as a filter for `analytics.deferred.*` would match the messages of all tenants. */
const READ_BATCH_SIZE = 500

/** Scans the stream in batches; to be called again while it has invalid messages. */
export class InvalidMessages {
  readonly #deadLetters: DeadLetterSink
  #next = 0

  constructor(deadLetters: DeadLetterSink) {
    this.#deadLetters = deadLetters
  }

  /** Moves the invalid messages of the next batch to the dead letters. Resolves with their number. Rejects when the broker does not respond; then nothing is lost and it may be called again. */
  async moveToDeadLetters(jsm: JetStreamManager, { state }: StreamInfo): Promise<number> {
    if (this.#next < state.first_seq || this.#next > state.last_seq) this.#next = state.first_seq
    const end = Math.min(state.last_seq, this.#next + READ_BATCH_SIZE - 1)
    let count = 0
    for (; this.#next <= end; this.#next++) {
      const message = await readMessage(jsm, DEFERRED_STREAM, this.#next)
      if (!message || tenantOfSubject(message.subject) !== undefined) continue
      await this.#deadLetters.put({
        delivery: deliveryOf(message),
        reason: 'invalid_tenant',
        message: `The event was deferred with the subject ${message.subject}, which does not name a tenant.`,
      })
      await jsm.streams.deleteMessage(DEFERRED_STREAM, message.seq, false)
      count++
    }
    return count
  }
}

function deliveryOf({ subject, seq, data, time, header }: StoredMsg): Delivery {
  const place = { stream: DEFERRED_STREAM, sequence: seq, storedAt: time.getTime() }
  return {
    stream: DEFERRED_STREAM,
    subject: header.get(REPLAY_HEADERS.subject) || subject,
    data,
    sequence: seq,
    publishedAt: place.storedAt,
    place,
    origin: place,
    messageId: undefined,
    headers: new Map(header.keys().map((name) => [name, header.values(name)])),
  }
}

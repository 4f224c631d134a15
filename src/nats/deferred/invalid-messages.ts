/**
 * Messages in the stream of delayed events that belong to no tenant, as somebody published them there by hand. No lane takes them: they go to the dead letters.
 */
import { type JetStreamManager, type StoredMsg, type StreamInfo } from 'nats'
import type { DeadLetterSink, Delivery } from '../../ingest/ports.ts'
import { DEFERRED_STREAM, tenantOfSubject } from './deferred-stream.ts'
import { REPLAY_HEADERS } from '../consumer/delivery.ts'
import { isNotFound } from '../stream-info.ts'

/** So many messages are looked at in one go. Strays are looked for one by one: a filter for the subject `analytics.delayed.*` would find those of all tenants. */
const READ_BATCH_SIZE = 500

/** Looks through a part of the stream; to be called again while there are strays. */
export class InvalidMessages {
  readonly #deadLetters: DeadLetterSink
  #next = 0

  constructor(deadLetters: DeadLetterSink) {
    this.#deadLetters = deadLetters
  }

  /** Moves the strays of the next part to the dead letters. Returns how many. Rejects when the broker does not answer; then nothing is lost and it may be called again. */
  async moveToDeadLetters(jsm: JetStreamManager, { state }: StreamInfo): Promise<number> {
    if (this.#next < state.first_seq || this.#next > state.last_seq) this.#next = state.first_seq
    const end = Math.min(state.last_seq, this.#next + READ_BATCH_SIZE - 1)
    let count = 0
    for (; this.#next <= end; this.#next++) {
      const message = await readMessage(jsm, this.#next)
      if (!message || tenantOfSubject(message.subject) !== undefined) continue
      await this.#deadLetters.put({
        delivery: deliveryOf(message),
        reason: 'invalid_tenant',
        message: `It waited under ${message.subject}, which belongs to no tenant.`,
      })
      await jsm.streams.deleteMessage(DEFERRED_STREAM, message.seq, false)
      count++
    }
    return count
  }
}

async function readMessage(jsm: JetStreamManager, seq: number): Promise<StoredMsg | undefined> {
  try {
    return await jsm.streams.getMessage(DEFERRED_STREAM, { seq })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
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

/**
 * The stream of deferred events, whose tenants are over their quotas: one subject per tenant, the original bytes, and headers that keep the identity of the event.
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
import type { DeferredSink, Delivery } from '../../ingest/ports.ts'
import { maxPayloadOf } from '../connection.ts'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { DEFERRED_STREAM, DEFERRED_SUBJECT_PREFIX, REPLAY_HEADERS } from '../names.ts'
import { type StreamLimits, streamLimits } from '../stream-limits.ts'
import { tenantOfToken, tokenOf } from '../tenant-token.ts'

/** An event that is deferred twice within this time, after a crash before its acknowledgement, is kept once. Later it is kept twice and still stored once. */
const DEDUPE_MS = 300_000
/** A NATS cluster that loses the leader of the stream does not respond to pending publishes: the event is then published again and kept once. */
const PUBLISH_TIMEOUT_MS = 5_000
/** Space for the headers with a message id of usual length. */
const HEADER_BYTES = 4_096
const MAX_MESSAGE_ID_LENGTH = 1_024

export function deferredStreamSpec({ deferredMaxBytes }: StreamLimits): StreamSpec {
  return {
    name: DEFERRED_STREAM,
    subjects: [`${DEFERRED_SUBJECT_PREFIX}*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_bytes: deferredMaxBytes,
    discard: DiscardPolicy.New,
    duplicate_window: nanos(DEDUPE_MS),
  }
}

/** Rejects with a StartFailure when the stream has another retention: a tenant's consumer is deleted and recreated at times, and other retentions would drop its messages meanwhile. */
export async function ensureDeferredStream(
  jsm: JetStreamManager,
  limits: StreamLimits = streamLimits(),
): Promise<void> {
  await ensureStream(jsm, deferredStreamSpec(limits))
}

export function deferredSubject(tenantId: string): string {
  return DEFERRED_SUBJECT_PREFIX + tokenOf(tenantId)
}

/** The tenant of a subject in this stream; undefined when it is no valid tenant id. */
export function tenantOfSubject(subject: string): string | undefined {
  return subject.startsWith(DEFERRED_SUBJECT_PREFIX)
    ? tenantOfToken(subject.slice(DEFERRED_SUBJECT_PREFIX.length))
    : undefined
}

export class DeferredStream implements DeferredSink {
  /** The stream is nearly full: events over the quota are stored at once instead, as waiting for space would block every tenant. */
  isFull = false
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS })
  }

  /** Whether the delivery can be deferred: the stream has space, and the message with its additional headers does not exceed the broker's limit. */
  fits({ data, messageId = '' }: Delivery): boolean {
    const isSmallEnough = data.byteLength + HEADER_BYTES <= maxPayloadOf(this.#connection)
    return !this.isFull && messageId.length <= MAX_MESSAGE_ID_LENGTH && isSmallEnough
  }

  async put({ stream, sequence, publishedAt, subject, data, origin, messageId }: Delivery, tenantId: string) {
    const head = headers()
    head.set(REPLAY_HEADERS.subject, subject)
    head.set(REPLAY_HEADERS.stream, origin.stream)
    head.set(REPLAY_HEADERS.sequence, String(origin.sequence))
    head.set(REPLAY_HEADERS.storedAt, String(origin.storedAt))
    if (messageId !== undefined) head.set(REPLAY_HEADERS.messageId, messageId)
    await this.#jetstream.publish(deferredSubject(tenantId), data, {
      headers: head,
      msgID: `${stream}:${sequence}:${publishedAt}`,
    })
  }
}

/**
 * Where events wait whose tenant is over its quota: the stream ANALYTICS_DELAYED, a subject a tenant, the original bytes with headers that keep the event's identity.
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
import { type StreamLimits, streamLimits } from '../limits/stream-limits.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { DEFERRED_SUBJECT_PREFIX, REPLAY_HEADERS } from '../consumer/delivery.ts'

export const DEFERRED_STREAM = 'ANALYTICS_DELAYED'
/** An event put away twice within this time (a crash before its acknowledgement) waits once; later, it waits twice and is stored once. */
const DEDUPE_MS = 300_000
/** As with dead letters: what was on its way to a leader that died is put again. */
const PUBLISH_TIMEOUT_MS = 5_000
/** Room for the headers with a message id of ordinary length. */
const HEADER_BYTES = 4_096
const MAX_MESSAGE_ID_LENGTH = 1_024

export function deferredStreamSpec({ delayedMaxBytes }: StreamLimits): StreamSpec {
  return {
    name: DEFERRED_STREAM,
    subjects: [`${DEFERRED_SUBJECT_PREFIX}*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_bytes: delayedMaxBytes,
    discard: DiscardPolicy.New,
    duplicate_window: nanos(DEDUPE_MS),
  }
}

/** Rejects with a StartFailure when somebody made it with another retention: a lane's consumer is made anew at times, and what waits for it meanwhile would be dropped. */
export async function ensureDeferredStream(
  jsm: JetStreamManager,
  limits: StreamLimits = streamLimits(),
): Promise<void> {
  await ensureStream(jsm, deferredStreamSpec(limits))
}

/** What a tenant's id may hold and a name on the broker may not, and the underscore these begin with. */
const ESCAPES: Readonly<Record<string, string>> = { _: '__', '.': '_d', ':': '_c' }
const UNESCAPED = new Map(Object.entries(ESCAPES).map(([character, escape]) => [escape, character]))

/** A tenant's id as a name on the broker. (A percent sign will not do: the server takes a consumer's name for a format.) */
export function tokenOf(tenantId: string): string {
  return tenantId.replace(/[_.:]/g, (character) => ESCAPES[character]!)
}

export function deferredSubject(tenantId: string): string {
  return DEFERRED_SUBJECT_PREFIX + tokenOf(tenantId)
}

/** Whose events wait under a subject; undefined when it belongs to no tenant. */
export function tenantOfSubject(subject: string): string | undefined {
  const tenantId = subject.slice(DEFERRED_SUBJECT_PREFIX.length).replace(/_[_dc]/g, (escape) => UNESCAPED.get(escape)!)
  return isTenantId(tenantId) && deferredSubject(tenantId) === subject ? tenantId : undefined
}

export class DeferredStream implements DeferredSink {
  /** Hardly any room is left: what would have to wait passes instead, as waiting for room would stop everybody. */
  isFull = false
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS })
  }

  /** Whether there is room for it. The headers may make a message too large for the broker that was not. */
  fits({ data, messageId = '' }: Delivery): boolean {
    const maxPayload = this.#connection.info?.max_payload ?? 1_048_576
    return !this.isFull && messageId.length <= MAX_MESSAGE_ID_LENGTH && data.byteLength + HEADER_BYTES <= maxPayload
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

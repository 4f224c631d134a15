/** The bucket of definitions: its stream and single messages of it. */
import { headers, type JetStreamClient, type JetStreamManager, type NatsConnection, NatsError } from 'nats'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { bucketSpec } from '../key-value-bucket.ts'
import { DEFINITIONS_BUCKET } from '../names.ts'
import { deleteMessage, lastSequence, undefinedIfNotFound } from '../stream-info.ts'
import { CURRENT_KEYS, keysOfTenant } from './definition-value.ts'

const MAX_BYTES = 512 * 1_048_576
const TIMEOUT_MS = 2_000
/** The broker's error code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10_071
/** As clients of key-value buckets mark a removal. */
const OPERATION_HEADER = 'KV-Operation'

const STREAM = `KV_${DEFINITIONS_BUCKET}`
const PREFIX = `$KV.${DEFINITIONS_BUCKET}.`
/**
 * Single messages may be deleted: a removed definition leaves nothing behind. Purges and roll-ups, with which clients remove keys otherwise, can remove messages of other
 * subjects on nats-server 2.9, see `old-servers/single-deletions.ts`.
 */
export const DEFINITION_STREAM_SPEC: StreamSpec = {
  ...bucketSpec(DEFINITIONS_BUCKET),
  max_bytes: MAX_BYTES,
  deny_delete: false,
}

/** A message of the bucket. */
export interface BucketEntry {
  readonly key: string
  readonly revision: number
  /** Undefined for the mark of a removal. */
  readonly value: string | undefined
}

export class DefinitionBucket {
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient
  #manager: Promise<JetStreamManager> | undefined

  constructor(connection: NatsConnection) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: TIMEOUT_MS })
  }

  /** Creates the stream if it does not exist. */
  async ensure(): Promise<void> {
    await ensureStream(await this.#jsm(), DEFINITION_STREAM_SPEC)
  }

  async exists(): Promise<boolean> {
    return (await undefinedIfNotFound((await this.#jsm()).streams.info(STREAM))) !== undefined
  }

  /** The client's view of the bucket, for watching it. */
  view() {
    return this.#jetstream.views.kv(DEFINITIONS_BUCKET, { bindOnly: true, timeout: TIMEOUT_MS })
  }

  /** The last message of a key; undefined when there is none. */
  async read(key: string): Promise<BucketEntry | undefined> {
    const jsm = await this.#jsm()
    const message = await undefinedIfNotFound(jsm.streams.getMessage(STREAM, { last_by_subj: PREFIX + key }))
    if (!message) return undefined
    return { key, revision: message.seq, value: message.header?.get(OPERATION_HEADER) ? undefined : message.string() }
  }

  /** Writes a value, or the mark of a removal, and resolves with its revision; with undefined when the last revision of the key is not the expected one (0 = no message). */
  async write(key: string, value: string | undefined, expected?: number): Promise<number | undefined> {
    const marked = headers()
    marked.set(OPERATION_HEADER, 'DEL')
    try {
      const { seq } = await this.#jetstream.publish(PREFIX + key, value, {
        ...(value === undefined && { headers: marked }),
        ...(expected !== undefined && { expect: { lastSubjectSequence: expected } }),
      })
      return seq
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE) return undefined
      throw error
    }
  }

  /** Deletes the message with a revision, if it exists. */
  async delete(revision: number): Promise<void> {
    await deleteMessage(await this.#jsm(), STREAM, revision)
  }

  /** The revision of the last message of the current definitions; 0 = no message. */
  async lastRevision(): Promise<number> {
    return lastSequence(await this.#jsm(), STREAM, PREFIX + CURRENT_KEYS)
  }

  /** All keys of a tenant, those of older versions and removed definitions included. */
  async keysOf(tenantId: string): Promise<string[]> {
    const filter = PREFIX + keysOfTenant(tenantId)
    const info = await (await this.#jsm()).streams.info(STREAM, { subjects_filter: filter })
    return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(PREFIX.length))
  }

  #jsm(): Promise<JetStreamManager> {
    // Without a check of the account, the manager is made without a request, and one attempt is enough.
    return (this.#manager ??= this.#connection.jetstreamManager({ checkAPI: false }))
  }
}

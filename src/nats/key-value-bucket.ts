import { DiscardPolicy, type KV, type NatsConnection, StorageType } from 'nats'
import { ensureStream, type StreamSpec } from './ensure-stream.ts'

const TIMEOUT_MS = 2_000
/** An entry has some kilobytes, and only its last revision is kept. */
const MAX_BYTES = 64 * 1_048_576

/** A key-value bucket of JetStream that is opened on first use, and created if it does not exist. */
export class KeyValueBucket {
  readonly #connection: NatsConnection
  readonly #name: string
  #opened: Promise<KV> | undefined

  constructor(connection: NatsConnection, name: string) {
    this.#connection = connection
    this.#name = name
  }

  get name(): string {
    return this.#name
  }

  /** Runs `task` on the bucket. Rejects when the task rejects or the bucket cannot be opened. */
  async use<Result>(task: (bucket: KV) => Promise<Result>): Promise<Result> {
    try {
      return await task(await (this.#opened ??= this.#open()))
    } catch (error) {
      // The bucket may have been deleted: the next call creates it again.
      this.#opened = undefined
      throw error
    }
  }

  async #open(): Promise<KV> {
    await ensureStream(await this.#connection.jetstreamManager({ checkAPI: false }), bucketSpec(this.#name))
    return this.#connection.jetstream().views.kv(this.#name, { bindOnly: true, timeout: TIMEOUT_MS })
  }
}

/** The stream of a bucket, as the client would create it, but replicated like the other streams. Direct reads are off: a server that lacks the last write may respond to them. */
export function bucketSpec(bucket: string): StreamSpec {
  return {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: MAX_BYTES,
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  }
}

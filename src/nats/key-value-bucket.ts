import { DiscardPolicy, type KV, type NatsConnection, StorageType } from 'nats'
import { ensureStream, type StreamSpec } from './ensure-stream.ts'

const TIMEOUT_MS = 2_000
/** An environment's entry takes some kilobytes, and only its last state is kept. */
const MAX_BYTES = 64 * 1_048_576

/** A key-value bucket of JetStream that is opened when it is first needed, and made if it is not there. */
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

  /** Runs `task` on the bucket. Rejects as it does, or when the bucket cannot be opened. */
  async use<Result>(task: (bucket: KV) => Promise<Result>): Promise<Result> {
    try {
      return await task(await (this.#opened ??= this.#open()))
    } catch (error) {
      // It may have been deleted: the next call makes it anew.
      this.#opened = undefined
      throw error
    }
  }

  async #open(): Promise<KV> {
    await ensureStream(await this.#connection.jetstreamManager({ checkAPI: false }), bucketSpec(this.#name))
    return this.#connection.jetstream().views.kv(this.#name, { bindOnly: true, timeout: TIMEOUT_MS })
  }
}

/** As the client would make it, but on as many servers as our other streams. Without direct reads: those may be answered by a server that has not heard of the last write. */
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

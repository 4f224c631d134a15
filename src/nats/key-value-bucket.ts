import { DiscardPolicy, type JetStreamManager, type KV, type NatsConnection, StorageType } from 'nats'
import { addStream } from './add-stream.ts'
import { streamInfo } from './topology.ts'

const TIMEOUT_MS = 2_000

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
    await ensureBucket(await this.#connection.jetstreamManager({ checkAPI: false }), this.#name)
    return this.#connection.jetstream().views.kv(this.#name, { bindOnly: true, timeout: TIMEOUT_MS })
  }
}

/** As the client would make it, but on as many servers as our other streams. Without direct reads: those may be answered by a server that has not heard of the last write. */
async function ensureBucket(jsm: JetStreamManager, bucket: string): Promise<void> {
  const name = `KV_${bucket}`
  if (await streamInfo(jsm, name)) return
  await addStream(jsm, {
    name,
    subjects: [`$KV.${bucket}.>`],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  })
}

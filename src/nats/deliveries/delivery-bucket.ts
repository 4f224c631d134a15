/** A key-value bucket of deliveries, read and written without consumers: nothing on the broker lasts longer than a request, and starting does not depend on the size of a bucket. */
import { type JetStreamManager, type NatsConnection, NatsError } from 'nats'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { deleteMessage, undefinedIfNotFound } from '../stream-info.ts'

const TIMEOUT_MS = 2_000
/** The broker's error code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10_071

export interface BucketValue {
  readonly value: unknown
  /** The sequence of the message in the stream. */
  readonly revision: number
}

/** The connection to the broker. Throws while there is none. */
export type ConnectionSource = () => NatsConnection

export class DeliveryBucket {
  readonly #connection: ConnectionSource
  readonly #spec: StreamSpec
  readonly #prefix: string
  #ensured: Promise<JetStreamManager> | undefined

  constructor(connection: ConnectionSource, spec: StreamSpec) {
    this.#connection = connection
    this.#spec = spec
    this.#prefix = spec.subjects[0]!.replace(/>$/, '')
  }

  /** Undefined when the key has no value. */
  async read(key: string): Promise<BucketValue | undefined> {
    const jsm = await this.#manager()
    const query = { last_by_subj: this.#prefix + key }
    const message = await undefinedIfNotFound(jsm.streams.getMessage(this.#spec.name, query))
    return message && { value: message.json<unknown>(), revision: message.seq }
  }

  /** Writes a value and resolves with its revision; with undefined when the key has another revision than `expected` (0: no value). */
  async write(key: string, value: unknown, expected?: number): Promise<number | undefined> {
    await this.#manager()
    try {
      const { seq } = await this.#connection()
        .jetstream({ timeout: TIMEOUT_MS })
        .publish(this.#prefix + key, JSON.stringify(value), {
          ...(expected === undefined ? {} : { expect: { lastSubjectSequence: expected } }),
        })
      return seq
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE) return undefined
      this.#ensured = undefined
      throw error
    }
  }

  /** Removes a revision, if it exists, and leaves no mark. A purge of one key can remove other keys on old servers, see `old-servers/single-deletions.ts`. */
  async delete(revision: number): Promise<void> {
    await deleteMessage(await this.#manager(), this.#spec.name, revision)
  }

  /** The keys that match a filter with wildcards. */
  async keys(filter: string): Promise<string[]> {
    const jsm = await this.#manager()
    const info = await jsm.streams.info(this.#spec.name, { subjects_filter: this.#prefix + filter })
    return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(this.#prefix.length))
  }

  /** The stream exists when this resolves. It is created on first use, and again when it was deleted. */
  #manager(): Promise<JetStreamManager> {
    const ensured = (this.#ensured ??= this.#ensure())
    ensured.catch(() => {
      if (this.#ensured === ensured) this.#ensured = undefined
    })
    return ensured
  }

  async #ensure(): Promise<JetStreamManager> {
    const jsm = await this.#connection().jetstreamManager({ checkAPI: false })
    await ensureStream(jsm, this.#spec)
    return jsm
  }
}

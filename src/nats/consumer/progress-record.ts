/**
 * The service's own record of the last settled message, in addition to the broker's acknowledgement floor, which some servers move without a delivery: see
 * `old-servers/moved-floor.ts`.
 */
import type { NatsConnection } from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { KeyValueBucket } from '../key-value-bucket.ts'
import { PROGRESS_BUCKET } from '../names.ts'

const WRITE_INTERVAL_MS = 5_000
/** After this many failed attempts the service starts without the record, which only guards against faults of the broker. */
const MAX_READ_FAILURES = 3

export interface RecordedProgress {
  readonly stream: string
  /** Creation time of the stream, which distinguishes it from another stream with the same name. */
  readonly streamCreated: string
  /** Creation time of the consumer. */
  readonly consumerCreated: string
  /** Everything up to this sequence of the stream is settled. */
  readonly sequence: number
  /** The consumer's number of that delivery. */
  readonly consumerSequence: number
}

export interface ProgressRecordOptions {
  readonly connection: NatsConnection
  /** The name of the consumer, which is the key of the record. */
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
}

export class ProgressRecord {
  readonly #options: ProgressRecordOptions
  readonly #bucket: KeyValueBucket
  readonly #ended = new AbortController()
  /** Ends the pause between two writes. */
  #writeNow = new AbortController()
  #readFailures = 0
  #unwritten: RecordedProgress | undefined
  #isWriting = false

  constructor(options: ProgressRecordOptions) {
    this.#options = options
    this.#bucket = new KeyValueBucket(options.connection, PROGRESS_BUCKET)
  }

  /** The last written record; undefined when there is none, or after repeated failures. Rejects when the caller should retry. */
  async read(): Promise<RecordedProgress | undefined> {
    const { durable, logger } = this.#options
    try {
      const entry = await this.#bucket.use((kv) => kv.get(durable))
      return entry?.operation === 'PUT' ? parseProgress(entry.string()) : undefined
    } catch (error) {
      if (++this.#readFailures < MAX_READ_FAILURES) throw error
      logger.warn('the progress record cannot be read; using the acknowledgement floor of the broker alone', { error })
      return undefined
    }
  }

  /** Writes the latest progress after at most five seconds; immediately with `isImmediate`. */
  save(progress: RecordedProgress, { isImmediate = false } = {}): void {
    this.#unwritten = progress
    if (isImmediate) this.#writeNow.abort()
    if (!this.#isWriting) void this.#write()
  }

  /** From now on every change is written immediately: deliveries have ended. */
  writeImmediately(): void {
    this.#ended.abort()
  }

  async #write(): Promise<void> {
    const { connection, durable, clock, logger } = this.#options
    this.#isWriting = true
    while (this.#unwritten && !connection.isClosed()) {
      const progress = this.#unwritten
      this.#unwritten = undefined
      try {
        await this.#bucket.use((kv) => kv.put(durable, JSON.stringify(progress)))
      } catch (error) {
        if (!connection.isClosed()) logger.warn('the progress record cannot be written', { error })
        // Written again after the pause, as an older record may belong to a deleted consumer. Once deliveries have ended there is no pause and no retry.
        if (!this.#ended.signal.aborted) this.#unwritten ??= progress
      }
      await sleep(clock, WRITE_INTERVAL_MS, AbortSignal.any([this.#writeNow.signal, this.#ended.signal]))
      this.#writeNow = new AbortController()
    }
    this.#isWriting = false
  }
}

function parseProgress(text: string): RecordedProgress | undefined {
  try {
    const value = JSON.parse(text) as RecordedProgress
    const { stream, streamCreated, consumerCreated, sequence, consumerSequence } = value
    const isWhole =
      [stream, streamCreated, consumerCreated].every((each) => typeof each === 'string') &&
      [sequence, consumerSequence].every((each) => Number.isSafeInteger(each))
    return isWhole ? value : undefined
  } catch {
    return undefined
  }
}

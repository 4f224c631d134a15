/**
 * The service's own record of what is settled, beside the broker's acknowledgement floor: some brokers move that floor without a delivery (a purge of one subject on
 * nats-server 2.9 moves it past messages of all others).
 */
import type { NatsConnection } from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { KeyValueBucket } from '../key-value-bucket.ts'

/** The name of the bucket. */
export const PROGRESS_BUCKET = 'analytics-progress'
const WRITE_INTERVAL_MS = 5_000
/** What cannot be read after so many attempts is done without: the record only guards against what a broker should not do. */
const MAX_READ_FAILURES = 3

export interface RecordedProgress {
  readonly stream: string
  /** When the broker made the stream, which tells it from another of the same name. */
  readonly streamCreated: string
  /** When the broker made the consumer. */
  readonly consumerCreated: string
  /** Everything up to this sequence of the stream is settled. */
  readonly sequence: number
  /** The number of that delivery among the consumer's. */
  readonly consumerSequence: number
}

export interface ProgressRecordOptions {
  readonly connection: NatsConnection
  /** The consumer whose record it is. */
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
}

export class ProgressRecord {
  readonly #options: ProgressRecordOptions
  readonly #bucket: KeyValueBucket
  readonly #ending = new AbortController()
  /** Ends the pause between two writes. */
  #urgent = new AbortController()
  #readFailures = 0
  #unwritten: RecordedProgress | undefined
  #isWriting = false

  constructor(options: ProgressRecordOptions) {
    this.#options = options
    this.#bucket = new KeyValueBucket(options.connection, PROGRESS_BUCKET)
  }

  /** What was written last; undefined when there is nothing, or when it cannot be read for long. Rejects when reading is to be tried again. */
  async read(): Promise<RecordedProgress | undefined> {
    const { durable, logger } = this.#options
    try {
      const entry = await this.#bucket.use((kv) => kv.get(durable))
      return entry?.operation === 'PUT' ? parseProgress(entry.string()) : undefined
    } catch (error) {
      if (++this.#readFailures < MAX_READ_FAILURES) throw error
      logger.warn('the record of what is settled cannot be read; relying on the broker alone', { error })
      return undefined
    }
  }

  /** Writes it soon, or what is noted until then; at once if it is urgent. */
  note(settled: RecordedProgress, { isUrgent = false } = {}): void {
    this.#unwritten = settled
    if (isUrgent) this.#urgent.abort()
    if (!this.#isWriting) void this.#write()
  }

  /** From now on what is noted is written at once. */
  end(): void {
    this.#ending.abort()
  }

  async #write(): Promise<void> {
    const { connection, durable, clock, logger } = this.#options
    this.#isWriting = true
    while (this.#unwritten && !connection.isClosed()) {
      const settled = this.#unwritten
      this.#unwritten = undefined
      try {
        await this.#bucket.use((kv) => kv.put(durable, JSON.stringify(settled)))
      } catch (error) {
        if (!connection.isClosed()) logger.warn('the record of what is settled cannot be written', { error })
        // Tried again after the pause: an older record may be of a consumer that is gone. Once deliveries have ended there is no pause.
        if (!this.#ending.signal.aborted) this.#unwritten ??= settled
      }
      await sleep(clock, WRITE_INTERVAL_MS, AbortSignal.any([this.#urgent.signal, this.#ending.signal]))
      this.#urgent = new AbortController()
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

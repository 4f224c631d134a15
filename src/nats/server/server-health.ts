/**
 * Whether the local server still stores what it is sent. After a write that failed, as the disk was full, it lives on and stores nothing more until it is started again: 2.9
 * answers no request of JetStream any more, without a line in its log; newer ones say that JetStream is off.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import { freeBytes, logFileOf, storeDirectoryOf } from './server-files.ts'

/** What the server writes into its log when it cannot write into its store. */
const WRITE_FAILURE_PATTERN =
  /no space left on device|failed to store a msg on stream|JetStream out of (space|resources)|will be DISABLED/i
/** With less free space a disk is taken for full; with more it is worth while to start the server again. */
const DISK_FULL_BYTES = 1_048_576
const MIN_FREE_BYTES_FOR_RESTART = 8 * 1_048_576
const MAX_READ_BYTES = 1_048_576
const REQUEST_TIMEOUT_MS = 3_000
/** So many requests in a row without an answer: it is not only busy. */
const MAX_UNANSWERED_REQUESTS = 4
/** The broker's numbers for "JetStream is not enabled": for the account, and at all. */
const JETSTREAM_DISABLED_CODES = new Set([10_039, 10_076])

export class ServerHealth {
  readonly #directory: string
  #connection: NatsConnection | undefined
  readonly #acceptsConnections: () => Promise<boolean>
  #logOffset = 0
  #isWriteFailed = false
  #unansweredRequests = 0

  /** `acceptsConnections` tells whether somebody listens. */
  constructor(directory: string, acceptsConnections: () => Promise<boolean>) {
    this.#directory = directory
    this.#acceptsConnections = acceptsConnections
    this.reset()
  }

  /** Asks JetStream by this connection from now on. */
  useConnection(connection: NatsConnection): void {
    this.#connection = connection
  }

  /** The server was started: what happened before does not count any more. */
  reset(): void {
    this.#isWriteFailed = false
    this.#unansweredRequests = 0
    this.#logOffset = statSync(logFileOf(this.#directory), { throwIfNoEntry: false })?.size ?? 0
  }

  /** Whether the server has to be started again and there is room for that to help. */
  async needsRestart(): Promise<boolean> {
    const free = freeBytes(storeDirectoryOf(this.#directory))
    const isFull = free !== undefined && free < DISK_FULL_BYTES
    if (isFull || WRITE_FAILURE_PATTERN.test(this.#readNewLogText()) || (await this.#isJetStreamDown()))
      this.#isWriteFailed = true
    return this.#isWriteFailed && (free === undefined || free >= MIN_FREE_BYTES_FOR_RESTART)
  }

  /** The text added to the log since the last call; of more than a mebibyte, the end. */
  #readNewLogText(): string {
    const file = logFileOf(this.#directory)
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    // A shorter one is a new one.
    const from = Math.max(size < this.#logOffset ? 0 : this.#logOffset, size - MAX_READ_BYTES)
    this.#logOffset = size
    if (size === from) return ''
    const descriptor = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(size - from)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.byteLength, from)).toString()
    } finally {
      closeSync(descriptor)
    }
  }

  /** Whether JetStream says of itself that it is off, or says nothing for long while the server takes connections: one that is starting takes none. */
  async #isJetStreamDown(): Promise<boolean> {
    if (!this.#connection) return false
    try {
      await this.#connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS })
      this.#unansweredRequests = 0
      return false
    } catch (error) {
      if (!(error instanceof NatsError)) return false
      if (error.code === ErrorCode.JetStreamNotEnabled || JETSTREAM_DISABLED_CODES.has(error.api_error?.err_code ?? 0))
        return true
      this.#unansweredRequests = (await this.#acceptsConnections()) ? this.#unansweredRequests + 1 : 0
      return this.#unansweredRequests >= MAX_UNANSWERED_REQUESTS
    }
  }
}

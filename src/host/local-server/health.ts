/**
 * Whether the local server still stores what it is sent. After a write that failed, as the disk was full, it lives on and stores nothing more until it is started again: 2.9
 * answers no request of JetStream any more, without a line in its log; newer ones say that JetStream is off.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import { freeBytes, logFileOf, storeDirectoryOf } from './server-files.ts'

/** What the server writes into its log when it cannot write into its store. */
const FAILED_WRITE =
  /no space left on device|failed to store a msg on stream|JetStream out of (space|resources)|will be DISABLED/i
/** With less free space a disk is taken for full; with more it is worth while to start the server again. */
const FULL_BYTES = 1_048_576
const ENOUGH_BYTES = 8 * 1_048_576
const MAX_READ_BYTES = 1_048_576
const REQUEST_TIMEOUT_MS = 3_000
/** So many requests in a row without an answer: it is not only busy. */
const MAX_UNANSWERED = 4
/** The broker's numbers for "JetStream is not enabled": for the account, and at all. */
const NOT_ENABLED = new Set([10_039, 10_076])

export class ServerHealth {
  readonly #directory: string
  #connection: NatsConnection | undefined
  readonly #takesConnections: () => Promise<boolean>
  #logOffset = 0
  #isDamaged = false
  #unanswered = 0

  /** `takesConnections` tells whether somebody listens. */
  constructor(directory: string, takesConnections: () => Promise<boolean>) {
    this.#directory = directory
    this.#takesConnections = takesConnections
    this.begin()
  }

  /** Asks JetStream by this connection from now on. */
  ask(connection: NatsConnection): void {
    this.#connection = connection
  }

  /** The server was started: what happened before does not count any more. */
  begin(): void {
    this.#isDamaged = false
    this.#unanswered = 0
    this.#logOffset = statSync(logFileOf(this.#directory), { throwIfNoEntry: false })?.size ?? 0
  }

  /** Whether the server has to be started again and there is room for that to help. */
  async needsRestart(): Promise<boolean> {
    const free = freeBytes(storeDirectoryOf(this.#directory))
    const isFull = free !== undefined && free < FULL_BYTES
    if (isFull || FAILED_WRITE.test(this.#readLog()) || (await this.#isOff())) this.#isDamaged = true
    return this.#isDamaged && (free === undefined || free >= ENOUGH_BYTES)
  }

  /** The text added to the log since the last call; of more than a mebibyte, the end. */
  #readLog(): string {
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
  async #isOff(): Promise<boolean> {
    if (!this.#connection) return false
    try {
      await this.#connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS })
      this.#unanswered = 0
      return false
    } catch (error) {
      if (!(error instanceof NatsError)) return false
      if (error.code === ErrorCode.JetStreamNotEnabled || NOT_ENABLED.has(error.api_error?.err_code ?? 0)) return true
      this.#unanswered = (await this.#takesConnections()) ? this.#unanswered + 1 : 0
      return this.#unanswered >= MAX_UNANSWERED
    }
  }
}

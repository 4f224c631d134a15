/**
 * Detects that the local server has stopped storing messages. After a failed write, for example on a full disk, a server continues to run with JetStream disabled until it is
 * restarted.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import { UnansweredRequests } from '../old-servers/unresponsive-jetstream.ts'
import { freeBytes, logFileOf, storeDirectoryOf } from './server-files.ts'

/** Log lines of the server after a failed write to its store. */
const WRITE_FAILURE_PATTERN =
  /no space left on device|failed to store a msg on stream|JetStream out of (space|resources)|will be DISABLED/i
/** With less free space the disk counts as full. A restart is useful only with the larger amount. */
const DISK_FULL_BYTES = 1_048_576
const MIN_FREE_BYTES_FOR_RESTART = 8 * 1_048_576
const MAX_READ_BYTES = 1_048_576
const REQUEST_TIMEOUT_MS = 3_000
/** Error codes for "JetStream is not enabled": for the account, and for the server. */
const JETSTREAM_DISABLED_CODES = new Set([10_039, 10_076])

export class ServerHealth {
  readonly #directory: string
  #connection: NatsConnection | undefined
  readonly #acceptsConnections: () => Promise<boolean>
  #logOffset = 0
  #isWriteFailed = false
  readonly #unanswered = new UnansweredRequests()

  /** `acceptsConnections` resolves with whether the server accepts connections. */
  constructor(directory: string, acceptsConnections: () => Promise<boolean>) {
    this.#directory = directory
    this.#acceptsConnections = acceptsConnections
    this.reset()
  }

  /** Sends requests to JetStream on this connection from now on. */
  useConnection(connection: NatsConnection): void {
    this.#connection = connection
  }

  /** The server was started: discards everything recorded before. */
  reset(): void {
    this.#isWriteFailed = false
    this.#unanswered.reset()
    this.#logOffset = statSync(logFileOf(this.#directory), { throwIfNoEntry: false })?.size ?? 0
  }

  /** Whether the server has to be restarted and the disk has enough free space for it. */
  async needsRestart(): Promise<boolean> {
    const free = freeBytes(storeDirectoryOf(this.#directory))
    const isFull = free !== undefined && free < DISK_FULL_BYTES
    if (isFull || WRITE_FAILURE_PATTERN.test(this.#readNewLogText()) || (await this.#isJetStreamDown()))
      this.#isWriteFailed = true
    return this.#isWriteFailed && (free === undefined || free >= MIN_FREE_BYTES_FOR_RESTART)
  }

  /** The text added to the log since the last call, limited to its last mebibyte. */
  #readNewLogText(): string {
    const file = logFileOf(this.#directory)
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    // A shorter file is a new file.
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

  /** Whether JetStream responds that it is disabled, or does not respond although the server accepts connections. */
  async #isJetStreamDown(): Promise<boolean> {
    if (!this.#connection) return false
    try {
      await this.#connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS })
      this.#unanswered.reset()
      return false
    } catch (error) {
      if (!(error instanceof NatsError)) return false
      if (error.code === ErrorCode.JetStreamNotEnabled || JETSTREAM_DISABLED_CODES.has(error.api_error?.err_code ?? 0))
        return true
      return this.#unanswered.record(await this.#acceptsConnections())
    }
  }
}

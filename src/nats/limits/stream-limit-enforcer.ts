/**
 * Applies the configured limits to the streams that the service created, and measures their size. Runs in the one process that consumes the event stream.
 */
import {
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  type StreamConfig,
  type StreamInfo,
  type StreamState,
} from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { maxPayloadOf } from '../connection.ts'
import { MANAGED_DESCRIPTION, retryWithSmallerSize, type StreamSpec } from '../ensure-stream.ts'
import { eventStreamSpec } from '../event-stream.ts'
import { DEAD_LETTER_STREAM } from '../names.ts'
import { streamInfo } from '../stream-info.ts'
import type { StreamLimits } from '../stream-limits.ts'
import { managedStreams } from './managed-streams.ts'
import { trimPoint } from './trim-point.ts'

const CHECK_INTERVAL_MS = 5_000
/** The interval while the event stream is nearly full. */
const NEARLY_FULL_INTERVAL_MS = 500
/** Space for the headers of the largest message. */
const HEADER_BYTES = 65_536

export interface StreamLimitEnforcerOptions {
  readonly connection: NatsConnection
  /** The name of the event stream; empty until it is known. */
  readonly eventStream: () => string
  /** The name of the service's consumer of the event stream. */
  readonly durable: string
  readonly limits: StreamLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<ServiceMetrics, 'streamBytes' | 'streamLimitBytes' | 'deadLettersDropped'>
  readonly signal: AbortSignal
}

function isUnlimited({ max_bytes, max_age, max_msgs }: StreamConfig): boolean {
  return max_bytes <= 0 && max_age <= 0 && max_msgs <= 0
}

export class StreamLimitEnforcer {
  readonly #options: StreamLimitEnforcerOptions
  #deadLetters: StreamState | undefined
  #isNearlyFull = false
  /** The last warning per stream, so that it is logged once. */
  readonly #lastWarnings = new Map<string, string>()
  /** Per stream, the size for which the broker did not have enough storage. */
  readonly #refusedSizes = new Map<string, number>()

  constructor(options: StreamLimitEnforcerOptions) {
    this.#options = options
  }

  /** Checks the streams at intervals until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, metrics, signal } = this.#options
    while (!signal.aborted) {
      try {
        await this.enforce(await connection.jetstreamManager({ checkAPI: false }))
      } catch (error) {
        this.#isNearlyFull = false
        if (!signal.aborted) logger.warn('the limits of the streams cannot be checked', { error })
      }
      await sleep(clock, this.#isNearlyFull ? NEARLY_FULL_INTERVAL_MS : CHECK_INTERVAL_MS, signal)
    }
    // Another process measures from now on.
    metrics.streamBytes.clear()
    metrics.streamLimitBytes.clear()
  }

  /** Checks each stream once: trims the event stream, applies the limits, and measures. */
  async enforce(jsm: JetStreamManager): Promise<void> {
    const { eventStream, limits } = this.#options
    const events = await streamInfo(jsm, eventStream())
    if (events) await this.#enforceEventStream(jsm, events)
    for (const spec of managedStreams(limits)) {
      const info = await streamInfo(jsm, spec.name)
      if (!info) continue
      if (spec.name === DEAD_LETTER_STREAM) this.#countDropped(info)
      const isManaged = info.config.description === MANAGED_DESCRIPTION
      this.#measure(isManaged ? await this.#applyLimits(jsm, info, spec) : info)
    }
  }

  async #enforceEventStream(jsm: JetStreamManager, info: StreamInfo): Promise<void> {
    const { limits } = this.#options
    const { name, description } = info.config
    if (description !== MANAGED_DESCRIPTION) {
      if (isUnlimited(info.config))
        this.#warnOnce(name, 'the event stream has no limit and grows until the storage of the broker is full', {
          stream: name,
          advice: `Set limits, or let the service manage them: nats stream edit ${name} --description "${MANAGED_DESCRIPTION}"`,
        })
      return this.#measure(info)
    }
    await this.#trim(jsm, info)
    const trimmed = (await streamInfo(jsm, name)) ?? info
    this.#measure(await this.#applyLimits(jsm, trimmed, eventStreamSpec(name, limits)))
  }

  async #trim(jsm: JetStreamManager, { config, state }: StreamInfo): Promise<void> {
    const { limits, logger } = this.#options
    const { name } = config
    const maxBytes = config.max_bytes > 0 ? Math.min(config.max_bytes, limits.eventsMaxBytes) : limits.eventsMaxBytes
    const consumers = await Array.fromAsync(jsm.consumers.list(name))
    const { isDue, below, blockedBy } = trimPoint(state, maxBytes, consumers, this.#options.durable)
    this.#isNearlyFull = isDue && blockedBy === undefined
    if (isDue && blockedBy !== undefined)
      this.#warnOnce(name, 'the event stream is filling up with events that a consumer has not settled', {
        stream: name,
        consumer: blockedBy,
        bytes: state.bytes,
        limit: maxBytes,
      })
    else if (!isDue) this.#lastWarnings.delete(name)
    if (below <= state.first_seq) return
    const { purged } = await jsm.streams.purge(name, { seq: below })
    logger.info('the oldest stored events were removed from the event stream', { stream: name, count: purged, below })
  }

  /** Applies the limits of `spec`, as far as the broker has storage. That drops no message: a stream that holds more than the limit keeps its size until it holds less. */
  async #applyLimits(jsm: JetStreamManager, info: StreamInfo, spec: StreamSpec): Promise<StreamInfo> {
    const { logger } = this.#options
    const { name, max_bytes: limit = -1, max_age = 0, duplicate_window = info.config.duplicate_window } = spec
    const current = info.config
    const isUnbounded = current.max_bytes <= 0
    const storedBytes = info.state.bytes
    const wanted = storedBytes <= limit ? limit : isUnbounded ? storedBytes : current.max_bytes
    const limits = {
      max_age,
      duplicate_window,
      discard: spec.discard ?? current.discard,
      description: MANAGED_DESCRIPTION,
    }
    const isApplied = Object.entries({ ...limits, max_bytes: wanted }).every(
      ([key, value]) => current[key as keyof typeof current] === value,
    )
    if (isApplied || this.#refusedSizes.get(name) === wanted) return info
    try {
      const minBytes = isUnbounded ? Math.max(storedBytes, 1) : wanted
      const { result, maxBytes } = await retryWithSmallerSize(wanted, minBytes, (bytes) =>
        jsm.streams.update(name, { ...limits, max_bytes: bytes }),
      )
      if (maxBytes < wanted) this.#refusedSizes.set(name, wanted)
      logger.info('the limits of a stream were set', { stream: name, maxBytes, limit })
      return result
    } catch (error) {
      if (!(error instanceof NatsError) || !error.api_error) throw error
      this.#refusedSizes.set(name, wanted)
      const message = messageOf(error)
      logger.warn('the limits of a stream cannot be set and stay unchanged', { stream: name, wanted, message })
      return info
    }
  }

  /** Counts the dead letters that the broker dropped since the last check. A replay deletes dead letters too, but then the stream is not full. */
  #countDropped({ config, state }: StreamInfo): void {
    const { connection, metrics, logger } = this.#options
    const before = this.#deadLetters
    this.#deadLetters = state
    const isFull = config.max_bytes > 0 && state.bytes + maxPayloadOf(connection) + HEADER_BYTES > config.max_bytes
    if (!before || !isFull || state.last_seq < before.last_seq) return
    const count = state.last_seq - before.last_seq - (state.messages - before.messages)
    if (count <= 0) return
    metrics.deadLettersDropped.add(count)
    logger.error('the dead-letter stream is full and the oldest dead letters were dropped', {
      stream: config.name,
      count,
      limit: config.max_bytes,
      oldest: state.first_ts,
    })
  }

  #measure({ config, state }: StreamInfo): void {
    const { metrics } = this.#options
    const labels = { stream: config.name }
    metrics.streamBytes.set(state.bytes, labels)
    if (config.max_bytes > 0) metrics.streamLimitBytes.set(config.max_bytes, labels)
  }

  #warnOnce(about: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#lastWarnings.get(about) === message) return
    this.#lastWarnings.set(about, message)
    this.#options.logger.warn(message, fields)
  }
}

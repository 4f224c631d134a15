/**
 * Keeps the streams that the service made within their limits, and measures how full they are. For the one process that takes the stream's deliveries.
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
import type { StreamLimits } from './stream-limits.ts'
import { MANAGED_DESCRIPTION, type StreamSpec, retryWithSmallerSize } from '../ensure-stream.ts'
import { streamInfo } from '../stream-info.ts'
import { DEAD_LETTER_STREAM, eventStreamSpec } from '../topology.ts'
import { managedStreams } from './managed-streams.ts'
import { trimPoint } from './trim-point.ts'

const CHECK_INTERVAL_MS = 5_000
/** While the event stream is nearly full, it is looked at more often. */
const NEARLY_FULL_INTERVAL_MS = 500
/** Room for the headers of the largest message. */
const HEADER_BYTES = 65_536

export interface StreamLimitEnforcerOptions {
  readonly connection: NatsConnection
  /** The name of the event stream, once it is known. */
  readonly eventStream: () => string
  /** The name of our own consumer of it. */
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
  /** What was said of a stream last, so that it is said once. */
  readonly #lastWarnings = new Map<string, string>()
  /** Sizes that the broker had no room for, by stream. */
  readonly #refusedSizes = new Map<string, number>()

  constructor(options: StreamLimitEnforcerOptions) {
    this.#options = options
  }

  /** Looks from time to time until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, metrics, signal } = this.#options
    while (!signal.aborted) {
      try {
        await this.enforce(await connection.jetstreamManager({ checkAPI: false }))
      } catch (error) {
        this.#isNearlyFull = false
        if (!signal.aborted) logger.warn('the limits of the streams cannot be looked at', { error })
      }
      await sleep(clock, this.#isNearlyFull ? NEARLY_FULL_INTERVAL_MS : CHECK_INTERVAL_MS, signal)
    }
    // Somebody else measures from now on.
    metrics.streamBytes.clear()
    metrics.streamLimitBytes.clear()
  }

  /** Looks once at each stream: trims, gives it the limits it should have, and measures. */
  async enforce(jsm: JetStreamManager): Promise<void> {
    const { eventStream, limits } = this.#options
    const events = await streamInfo(jsm, eventStream())
    if (events) await this.#enforceEventStream(jsm, events)
    for (const spec of managedStreams(limits)) {
      const info = await streamInfo(jsm, spec.name)
      if (!info) continue
      if (spec.name === DEAD_LETTER_STREAM) this.#countDropped(info)
      // One without any limit was made by an earlier version.
      const isKept = info.config.description === MANAGED_DESCRIPTION || isUnlimited(info.config)
      this.#measure(isKept ? await this.#applyLimits(jsm, info, spec) : info)
    }
  }

  async #enforceEventStream(jsm: JetStreamManager, info: StreamInfo): Promise<void> {
    const { limits } = this.#options
    const { name, description } = info.config
    if (description !== MANAGED_DESCRIPTION) {
      if (isUnlimited(info.config))
        this.#warnOnce(name, 'the event stream has no limit: it grows until the broker is full', {
          stream: name,
          advice: `Give it limits, or let the service keep it within its own: nats stream edit ${name} --description "${MANAGED_DESCRIPTION}"`,
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
    const { isDue, below, heldBy } = trimPoint(state, maxBytes, consumers, this.#options.durable)
    this.#isNearlyFull = isDue && heldBy === undefined
    if (isDue && heldBy !== undefined)
      this.#warnOnce(name, 'the event stream fills up with events that a consumer has not settled', {
        stream: name,
        consumer: heldBy,
        bytes: state.bytes,
        limit: maxBytes,
      })
    else if (!isDue) this.#lastWarnings.delete(name)
    if (below <= state.first_seq) return
    const { purged } = await jsm.streams.purge(name, { seq: below })
    logger.info('the oldest stored events were removed from the stream', { stream: name, count: purged, below })
  }

  /** Gives the stream the limits of `wish`, once, as far as the broker has room. Nothing is dropped by that: one that holds more keeps the room for it until it holds less. */
  async #applyLimits(jsm: JetStreamManager, info: StreamInfo, spec: StreamSpec): Promise<StreamInfo> {
    const { logger } = this.#options
    const { name, max_bytes: most = -1, max_age = 0, duplicate_window = info.config.duplicate_window } = spec
    const have = info.config
    const hasNone = have.max_bytes <= 0
    const held = info.state.bytes
    const wanted = held <= most ? most : hasNone ? held : have.max_bytes
    const limits = {
      max_age,
      duplicate_window,
      discard: spec.discard ?? have.discard,
      description: MANAGED_DESCRIPTION,
    }
    const isRight = Object.entries({ ...limits, max_bytes: wanted }).every(
      ([key, value]) => have[key as keyof typeof have] === value,
    )
    if (isRight || this.#refusedSizes.get(name) === wanted) return info
    try {
      const atLeast = hasNone ? Math.max(held, 1) : wanted
      const { result, maxBytes } = await retryWithSmallerSize(wanted, atLeast, (bytes) =>
        jsm.streams.update(name, { ...limits, max_bytes: bytes }),
      )
      if (maxBytes < wanted) this.#refusedSizes.set(name, wanted)
      logger.info('the limits of a stream were set', { stream: name, maxBytes, wanted: most })
      return result
    } catch (error) {
      if (!(error instanceof NatsError) || !error.api_error) throw error
      this.#refusedSizes.set(name, wanted)
      const message = messageOf(error)
      logger.warn('the limits of a stream cannot be set; they stay as they are', { stream: name, wanted, message })
      return info
    }
  }

  /** What the broker dropped since the last look. Letters are deleted by replays too, but those leave room. */
  #countDropped({ config, state }: StreamInfo): void {
    const { connection, metrics, logger } = this.#options
    const before = this.#deadLetters
    this.#deadLetters = state
    const isFull =
      config.max_bytes > 0 &&
      state.bytes + (connection.info?.max_payload ?? 1_048_576) + HEADER_BYTES > config.max_bytes
    if (!before || !isFull || state.last_seq < before.last_seq) return
    const count = state.last_seq - before.last_seq - (state.messages - before.messages)
    if (count <= 0) return
    metrics.deadLettersDropped.add(count)
    logger.error('the dead letters are full: the oldest were dropped', {
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

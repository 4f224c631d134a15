/**
 * An EventSource that pulls from a durable consumer. Messages are passed to the handler in stream order. Settled sequences are acknowledged with one message, or one by one for a
 * queue. When deliveries may be missing, it binds the consumer again after the last settled message.
 */
import type { ConsumerInfo, JetStreamManager, NatsConnection, StreamInfo } from 'nats'
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { DeliveryHandler, EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import { maxPayloadOf, watchConnection } from '../connection.ts'
import { isReusable } from './consumer-config.ts'
import { consumerInfo, refusePushConsumer } from '../consumer-info.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import type { NatsDelivery } from './delivery.ts'
import { InterruptionLog } from './interruption-log.ts'
import { pull, type PullEnd, type PullResult } from './pull.ts'
import { StallDetector } from '../old-servers/stall-detector.ts'
import { StartPosition } from './start-position.ts'
import { deleteGuard, findGuard, hasInterestRetention, recreateConsumer } from './recreate-consumer.ts'
import type { StreamProgress } from './stream-progress.ts'
import { UnacknowledgedDeliveries } from './unacknowledged-deliveries.ts'
import { streamInfo } from '../stream-info.ts'

const MAX_PULL_MESSAGES = 5_000
const MAX_PULL_BYTES = 8 * 1_048_576
const PULL_EXPIRES_MS = 5_000
/** Added to the largest payload, so that one pull can return any message with its headers. */
const MAX_HEADER_BYTES = 65_536
const NO_CAPACITY_PAUSE_MS = 50
const RECONNECT_POLL_MS = 50
const LAG_INTERVAL_MS = 2_000
/** A NATS cluster without a leader does not respond, so the first attempts have a short timeout; after them a slow broker gets the full timeout. */
const SHORT_TIMEOUT_MS = 2_000
const SHORT_TIMEOUT_ATTEMPTS = 8
const REBIND_PAUSE_MS = 1_000
/** A server removes the folder of a deleted stream or consumer after it has reported the deletion: a new one created before that would be removed as well. */
const SERVER_CLEANUP_MS = 250

export interface NatsEventSourceOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly plan: ConsumerPlan
  /** Detects missing messages. Without it, the acknowledgement floor of the broker is trusted. */
  readonly progress?: StreamProgress
  readonly clock: Clock
  readonly logger: Logger
}

export class NatsEventSource implements EventSource {
  readonly #options: NatsEventSourceOptions
  readonly #stopped = new AbortController()
  #jsm: JetStreamManager | undefined
  readonly #startPosition: StartPosition
  #stream = ''
  #isBound = false
  #isConnected = true
  #expectedConsumerSequence = 1
  /** Ends the current pull, because its connection was lost. */
  #interrupted = new AbortController()
  readonly #interruptionLog: InterruptionLog
  readonly #unacknowledged = new UnacknowledgedDeliveries()
  /** Deliveries have to start after this sequence although more is settled: the consumer skipped messages. */
  #rewindTo = Infinity
  #running: Promise<void> | undefined
  #wake: () => void = () => {}

  constructor(options: NatsEventSourceOptions) {
    this.#options = options
    this.#startPosition = new StartPosition(options.logger)
    this.#interruptionLog = new InterruptionLog(options)
  }

  async start(handler: DeliveryHandler): Promise<void> {
    this.#jsm = await this.#options.connection.jetstreamManager({ checkAPI: false })
    await this.#bind(handler, this.#jsm)
    void watchConnection(this.#options.connection, this.#stopped.signal, (isConnected) => {
      this.#isConnected = isConnected
      this.#isBound = false
      this.#interrupted.abort()
    })
    void this.#watchLag(handler)
    this.#running = this.#run(handler)
  }

  /** Acknowledges everything up to `sequence`. Returns the sequences that were not acknowledged before. */
  acknowledge(sequence: number): readonly number[] {
    const { connection, plan, progress } = this.#options
    const settled = this.#unacknowledged.acknowledge(sequence, connection, plan.isQueue ?? false)
    const last = settled.sequences.at(-1)
    if (last !== undefined) progress?.recordSettled(last, settled.lastConsumerSequence)
    return settled.sequences
  }

  wake(): void {
    this.#wake()
  }

  isBound(): boolean {
    return this.#isBound
  }

  /** The stream's name; empty before the start. */
  get stream(): string {
    return this.#stream
  }

  async pause(): Promise<void> {
    this.#stopped.abort()
    this.#options.progress?.end()
    this.#interrupted.abort()
    this.#wake()
    await this.#running
  }

  async #run(handler: DeliveryHandler): Promise<void> {
    const { connection, durable, clock } = this.#options
    const minPullBytes = maxPayloadOf(connection) + MAX_HEADER_BYTES
    while (!this.#stopped.signal.aborted) {
      const { events, bytes } = handler.capacity()
      if (bytes < minPullBytes || events === 0) {
        await this.#waitForWake(clock)
        continue
      }
      const { ending, processPausedMs }: PullResult = await pull(
        connection,
        {
          stream: this.#stream,
          durable,
          maxMessages: Math.min(events, MAX_PULL_MESSAGES),
          maxBytes: Math.max(minPullBytes, Math.min(bytes, MAX_PULL_BYTES)),
          expiresMs: PULL_EXPIRES_MS,
        },
        (delivery) => this.#deliver(delivery, handler),
        this.#interrupted.signal,
        clock,
      ).catch(() => ({ ending: 'connection', processPausedMs: 0 }))
      this.#interruptionLog.recordProcessPause(processPausedMs)
      if (ending !== 'served') await this.#recover(handler, ending)
    }
  }

  /** Passes a delivery to the handler; false when a delivery before it did not arrive. */
  #deliver(delivery: NatsDelivery, handler: DeliveryHandler): boolean {
    if (delivery.consumerSequence !== this.#expectedConsumerSequence) return false
    this.#expectedConsumerSequence++
    this.#unacknowledged.add(delivery)
    this.#options.progress?.recordDelivered(delivery.sequence)
    handler.reportPending(delivery.pending)
    handler.deliver(delivery)
    return true
  }

  /** Deliveries may be missing: waits until the received ones are settled, then restarts after them. A cumulative acknowledgement would skip the gap. */
  async #recover(handler: DeliveryHandler, cause: PullEnd): Promise<void> {
    const { clock, connection, logger } = this.#options
    const { signal } = this.#stopped
    if (signal.aborted) return
    this.#isBound = false
    this.#interruptionLog.logInterruption(cause)
    const serverCleanup = sleep(clock, SERVER_CLEANUP_MS, signal)
    const shortTimeoutManager = await connection.jetstreamManager({ checkAPI: false, timeout: SHORT_TIMEOUT_MS })
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const [floor] = await Promise.all([handler.quiesce(), serverCleanup])
        // A request on a broken connection fails only by its timeout, which may be seconds after the reconnection.
        while (!this.#isConnected && !signal.aborted) await sleep(clock, RECONNECT_POLL_MS, signal)
        if (signal.aborted) return
        this.#interrupted = new AbortController()
        const startAfter = Math.min(floor, this.#rewindTo)
        await this.#bind(handler, attempt < SHORT_TIMEOUT_ATTEMPTS ? shortTimeoutManager : this.#jsm!, startAfter)
        this.#rewindTo = Infinity
        return
      } catch (error) {
        logger.error('the consumer cannot be bound yet', { attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: REBIND_PAUSE_MS }), signal)
      }
    }
  }

  /** Finds or creates stream and consumer, and starts deliveries after `floor`, or after the last message that an earlier process settled. */
  async #bind(handler: DeliveryHandler, jsm: JetStreamManager, floor?: number): Promise<void> {
    const { durable, plan, progress, logger } = this.#options
    const stream = await plan.stream(jsm)
    const { name } = stream.config
    const isFirst = floor === undefined
    // Later, only the absence of the consumer may matter; a consumer without a leader cannot be read.
    const info = isFirst || !plan.mayCreate ? await consumerInfo(jsm, name, durable) : undefined
    const isGuarded = !plan.mayCreate || hasInterestRetention(stream)
    const guard = isGuarded && !info ? await findGuard(jsm, name, durable) : undefined
    if (!info && !guard && !plan.mayCreate) return this.#stopped.abort()
    if (info) refusePushConsumer(info)
    const guarded = guard && (guard.config.opt_start_seq ?? 1) - 1
    const brokerFloor = info?.ack_floor.stream_seq ?? guarded
    const settled = floor ?? (progress ? await progress.begin(stream, info, guarded) : (brokerFloor ?? 0))
    const startAfter = plan.isQueue ? 0 : this.#startPosition.resolve(stream, settled)
    const config = plan.config(stream, startAfter)
    const reusable =
      isFirst && info && isReusable(info, config, plan.isQueue ? undefined : startAfter) ? info : undefined
    this.#expectedConsumerSequence = reusable ? reusable.delivered.consumer_seq + 1 : 1
    if (reusable && isGuarded) await deleteGuard(jsm, name, durable)
    const consumer = reusable ?? (await recreateConsumer(jsm, name, config, { isGuarded }))
    this.#stream = name
    this.#startPosition.recordStream(stream)
    this.#unacknowledged.clear()
    progress?.recordBound(stream, consumer, startAfter)
    handler.startAfter(startAfter)
    this.#isBound = true
    logger.info('consuming', { stream: name, consumer: durable, after: startAfter })
    await this.#examine(jsm, stream, consumer)
  }

  /** Reports missing messages, and goes back when the consumer skipped messages that are in the stream. */
  async #examine(jsm: JetStreamManager, stream: StreamInfo, consumer: ConsumerInfo): Promise<void> {
    const hasAll = consumer.delivered.consumer_seq + 1 === this.#expectedConsumerSequence
    const rewindTo = await this.#options.progress
      ?.examine(jsm, stream, hasAll ? consumer : undefined)
      .catch((error: unknown) => this.#options.logger.debug('gaps in the deliveries cannot be examined yet', { error }))
    if (rewindTo === undefined) return
    this.#rewindTo = rewindTo
    this.#isBound = false
    this.#interrupted.abort()
  }

  /** Reports the number of pending messages while no deliveries carry it, and detects a stalled consumer. */
  async #watchLag(handler: DeliveryHandler): Promise<void> {
    const { clock, durable, logger } = this.#options
    const { signal } = this.#stopped
    const stalls = new StallDetector()
    while (!signal.aborted) {
      await sleep(clock, LAG_INTERVAL_MS, signal)
      if (!this.#isBound || signal.aborted) continue
      const info = await consumerInfo(this.#jsm!, this.#stream, durable).catch(() => undefined)
      if (info) handler.reportPending(info.num_pending)
      const stream = info && (await streamInfo(this.#jsm!, this.#stream).catch(() => undefined))
      if (!stream || !this.#isBound) continue
      await this.#examine(this.#jsm!, stream, info)
      const last = await stalls.findStall(this.#jsm!, info, stream)
      if (last === undefined) continue
      logger.warn('the consumer stopped before the end of its stream; rebinding', { consumer: durable, last })
      this.#interrupted.abort()
    }
  }

  async #waitForWake(clock: Clock): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await sleep(clock, NO_CAPACITY_PAUSE_MS, woken.signal)
  }
}

/**
 * The EventSource over a durable pull consumer. Messages come in from JetStream and leave to the handler in the order of the stream; the floor comes
 * back and is acknowledged: all up to it at once, or each of a queue. It must never import ingestion's inside, only its ports.
 */
import type { ConsumerInfo, JetStreamManager, NatsConnection, StreamInfo } from 'nats'
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { DeliveryHandler, EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import type { NatsDelivery } from './delivery.ts'
import { InterruptionLog } from './interruption-log.ts'
import { pull, type PullEnd, type PullResult } from './pull.ts'
import { lastRelevantSequence, StallDetector } from '../server/stall-detector.ts'
import { StartPosition } from './start-position.ts'
import { deleteGuard, findGuard, hasInterestRetention, recreateConsumer } from './recreate-consumer.ts'
import type { StreamProgress } from './stream-progress.ts'
import { consumerInfo, isReusable, refusePushConsumer } from '../topology.ts'
import { UnacknowledgedDeliveries } from './unacknowledged-deliveries.ts'
import { streamInfo } from '../stream-info.ts'

const MAX_PULL_MESSAGES = 5_000
const MAX_PULL_BYTES = 8 * 1_048_576
const PULL_EXPIRES_MS = 5_000
const NO_CAPACITY_PAUSE_MS = 50
const RECONNECT_POLL_MS = 50
const LAG_INTERVAL_MS = 2_000
/** A cluster without a leader answers nothing, so it is asked again soon; a broker that is only slow gets its time after some attempts. */
const SHORT_TIMEOUT_MS = 2_000
const SHORT_TIMEOUT_ATTEMPTS = 8
const REBIND_PAUSE_MS = 1_000
/** A server removes the folder of a deleted stream or consumer after it has told of it: what is made anew at once goes along with it. */
const SERVER_CLEANUP_MS = 250

export interface NatsEventSourceOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly plan: ConsumerPlan
  /** Notices what is missing. Without it, the broker's floor is relied upon. */
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
  /** Ends the pull that is under way, because the connection it went over is gone. */
  #interrupted = new AbortController()
  readonly #interruptionLog: InterruptionLog
  readonly #unacknowledged = new UnacknowledgedDeliveries()
  /** Deliveries have to begin behind it, though more is settled: the consumer left something out. */
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
    void this.#watchConnection()
    void this.#watchLag(handler)
    this.#running = this.#run(handler)
  }

  /** Returns the sequences that are acknowledged by this, and were not before. */
  acknowledge(sequence: number): readonly number[] {
    const { connection, plan, progress } = this.#options
    const settled = this.#unacknowledged.acknowledge(sequence, connection, plan.isQueue ?? false)
    const last = settled.at(-1)
    if (last) progress?.recordSettled(last.sequence, last.consumerSequence)
    return settled.map((each) => each.sequence)
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
    const minPullBytes = (connection.info?.max_payload ?? 1_048_576) + 65_536
    while (!this.#stopped.signal.aborted) {
      const { events, bytes } = handler.capacity()
      if (bytes < minPullBytes || events === 0) {
        await this.#waitForWake(clock)
        continue
      }
      const { ending, heldUpMs }: PullResult = await pull(
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
      ).catch(() => ({ ending: 'connection', heldUpMs: 0 }))
      this.#interruptionLog.recordProcessPause(heldUpMs)
      if (ending !== 'served') await this.#recover(handler, ending)
    }
  }

  /** Hands a delivery on; false when one before it never arrived. */
  #deliver(delivery: NatsDelivery, handler: DeliveryHandler): boolean {
    if (delivery.consumerSequence !== this.#expectedConsumerSequence) return false
    this.#expectedConsumerSequence++
    this.#unacknowledged.add(delivery)
    this.#options.progress?.recordDelivered(delivery.sequence)
    handler.reportPending(delivery.pending)
    handler.deliver(delivery)
    return true
  }

  /** Deliveries may be missing: waits until what we have is settled, then starts again behind it. A cumulative acknowledgement would skip the gap. */
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
        // A request sent into a connection that is down is only missed when it has timed out, seconds after the broker is back.
        while (!this.#isConnected && !signal.aborted) await sleep(clock, RECONNECT_POLL_MS, signal)
        if (signal.aborted) return
        this.#interrupted = new AbortController()
        const behind = Math.min(floor, this.#rewindTo)
        await this.#bind(handler, attempt < SHORT_TIMEOUT_ATTEMPTS ? shortTimeoutManager : this.#jsm!, behind)
        this.#rewindTo = Infinity
        return
      } catch (error) {
        logger.error('the consumer cannot be bound yet', { attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: REBIND_PAUSE_MS }), signal)
      }
    }
  }

  /** Finds or makes stream and consumer and lets deliveries start behind `floor`, or behind what was settled before the first start. */
  async #bind(handler: DeliveryHandler, jsm: JetStreamManager, floor?: number): Promise<void> {
    const { durable, plan, progress, logger } = this.#options
    const stream = await plan.stream(jsm)
    const { name } = stream.config
    const isFirst = floor === undefined
    // Later on, only its absence may matter; one that has no leader now could not tell of itself.
    const info = isFirst || !plan.mayCreate ? await consumerInfo(jsm, name, durable) : undefined
    const isGuarded = !plan.mayCreate || hasInterestRetention(stream)
    const guard = isGuarded && !info ? await findGuard(jsm, name, durable) : undefined
    if (!info && !guard && !plan.mayCreate) return this.#stopped.abort()
    if (info) refusePushConsumer(info)
    const guarded = guard && (guard.config.opt_start_seq ?? 1) - 1
    const knownToBroker = info?.ack_floor.stream_seq ?? guarded
    const settled = floor ?? (progress ? await progress.begin(stream, info, guarded) : (knownToBroker ?? 0))
    const behind = plan.isQueue ? 0 : this.#startPosition.resolve(stream, settled)
    const config = plan.config(stream, behind)
    const reusable = isFirst && info && isReusable(info, config, plan.isQueue ? undefined : behind) ? info : undefined
    this.#expectedConsumerSequence = reusable ? reusable.delivered.consumer_seq + 1 : 1
    if (reusable && isGuarded) await deleteGuard(jsm, name, durable)
    const consumer = reusable ?? (await recreateConsumer(jsm, name, config, { isGuarded }))
    this.#stream = name
    this.#startPosition.recordStream(stream)
    this.#unacknowledged.clear()
    progress?.recordBound(stream, consumer, behind)
    handler.startAfter(behind)
    this.#isBound = true
    logger.info('consuming', { stream: name, consumer: durable, behind })
    await this.#examine(jsm, stream, consumer)
  }

  /** Tells what is missing, and goes back when the consumer left it out though it is there. */
  async #examine(jsm: JetStreamManager, stream: StreamInfo, consumer: ConsumerInfo): Promise<void> {
    const hasAll = consumer.delivered.consumer_seq + 1 === this.#expectedConsumerSequence
    const behind = await this.#options.progress
      ?.examine(jsm, stream, hasAll ? consumer : undefined)
      .catch((error: unknown) => this.#options.logger.debug('gaps cannot be looked into yet', { error }))
    if (behind === undefined) return
    this.#rewindTo = behind
    this.#isBound = false
    this.#interrupted.abort()
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      // Each ping is a status too, so that a source that ended does not listen for long.
      if (this.#stopped.signal.aborted) return
      if (type !== 'disconnect' && type !== 'reconnect') continue
      this.#isConnected = type === 'reconnect'
      this.#isBound = false
      this.#interrupted.abort()
    }
  }

  /** Deliveries tell how many wait behind them; when none come, only the broker knows, and may be mistaken. */
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
      const wanted = await lastRelevantSequence(this.#jsm!, info, stream).catch(() => 0)
      if (!stalls.isStalled(info, wanted)) continue
      logger.warn('the consumer stops short of the end of its stream', { consumer: durable, last: wanted })
      this.#interrupted.abort()
    }
  }

  async #waitForWake(clock: Clock): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await sleep(clock, NO_CAPACITY_PAUSE_MS, woken.signal)
  }
}

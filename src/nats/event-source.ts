/**
 * The EventSource over a durable pull consumer. Messages come in from JetStream and leave to the handler in the order of the stream; the floor comes
 * back and is acknowledged: all up to it at once, or each of a queue. It must never import ingestion's inside, only its ports.
 */
import type { ConsumerInfo, JetStreamManager, NatsConnection, StreamInfo } from 'nats'
import { backoffMs, type Clock, sleep } from '../clock.ts'
import type { DeliveryHandler, EventSource } from '../ingest/ports.ts'
import type { Logger } from '../logger.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import type { NatsDelivery } from './delivery.ts'
import { Interruptions } from './interruptions.ts'
import { pull, type PullEnding, type PullOutcome } from './pull.ts'
import { lastWanted, StallDetector } from './stall-detector.ts'
import { StartingPoint } from './starting-point.ts'
import { dropGuard, findGuard, isInterest, remakeConsumer } from './remake-consumer.ts'
import type { StreamProgress } from './stream-progress.ts'
import { consumerInfo, isReusable, refusePushConsumer } from './topology.ts'
import { Unacknowledged } from './unacknowledged.ts'
import { streamInfo } from './stream-info.ts'

const MAX_PULL_MESSAGES = 5_000
const MAX_PULL_BYTES = 8 * 1_048_576
const PULL_EXPIRES_MS = 5_000
const NO_CAPACITY_PAUSE_MS = 50
const RECONNECT_POLL_MS = 50
const LAG_INTERVAL_MS = 2_000
/** A cluster without a leader answers nothing, so it is asked again soon; a broker that is only slow gets its time after some attempts. */
const IMPATIENT_TIMEOUT_MS = 2_000
const IMPATIENT_ATTEMPTS = 8
const REBIND_PAUSE_MS = 1_000
/** A server removes the folder of a deleted stream or consumer after it has told of it: what is made anew at once goes along with it. */
const REMOVAL_MS = 250

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
  readonly #startingPoint: StartingPoint
  #stream = ''
  #isBound = false
  #isConnected = true
  #expectedConsumerSequence = 1
  /** Ends the pull that is under way, because the connection it went over is gone. */
  #interrupted = new AbortController()
  readonly #interruptions: Interruptions
  readonly #unacknowledged = new Unacknowledged()
  /** Deliveries have to begin behind it, though more is settled: the consumer left something out. */
  #leftOutBehind = Infinity
  #running: Promise<void> | undefined
  #wake: () => void = () => {}

  constructor(options: NatsEventSourceOptions) {
    this.#options = options
    this.#startingPoint = new StartingPoint(options.logger)
    this.#interruptions = new Interruptions(options)
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
    if (last) progress?.settled(last.sequence, last.consumerSequence)
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
        await this.#woken(clock)
        continue
      }
      const { ending, heldUpMs }: PullOutcome = await pull(
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
      this.#interruptions.noteHoldUp(heldUpMs)
      if (ending !== 'served') await this.#recover(handler, ending)
    }
  }

  /** Hands a delivery on; false when one before it never arrived. */
  #deliver(delivery: NatsDelivery, handler: DeliveryHandler): boolean {
    if (delivery.consumerSequence !== this.#expectedConsumerSequence) return false
    this.#expectedConsumerSequence++
    this.#unacknowledged.add(delivery)
    this.#options.progress?.delivered(delivery.sequence)
    handler.waiting(delivery.pending)
    handler.deliver(delivery)
    return true
  }

  /** Deliveries may be missing: waits until what we have is settled, then starts again behind it. A cumulative acknowledgement would skip the gap. */
  async #recover(handler: DeliveryHandler, cause: PullEnding): Promise<void> {
    const { clock, connection, logger } = this.#options
    const { signal } = this.#stopped
    if (signal.aborted) return
    this.#isBound = false
    this.#interruptions.tell(cause)
    const removed = sleep(clock, REMOVAL_MS, signal)
    const impatient = await connection.jetstreamManager({ checkAPI: false, timeout: IMPATIENT_TIMEOUT_MS })
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const [floor] = await Promise.all([handler.quiesce(), removed])
        // A request sent into a connection that is down is only missed when it has timed out, seconds after the broker is back.
        while (!this.#isConnected && !signal.aborted) await sleep(clock, RECONNECT_POLL_MS, signal)
        if (signal.aborted) return
        this.#interrupted = new AbortController()
        const behind = Math.min(floor, this.#leftOutBehind)
        await this.#bind(handler, attempt < IMPATIENT_ATTEMPTS ? impatient : this.#jsm!, behind)
        this.#leftOutBehind = Infinity
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
    const isGuarded = !plan.mayCreate || isInterest(stream)
    const guard = isGuarded && !info ? await findGuard(jsm, name, durable) : undefined
    if (!info && !guard && !plan.mayCreate) return this.#stopped.abort()
    if (info) refusePushConsumer(info)
    const guarded = guard && (guard.config.opt_start_seq ?? 1) - 1
    const knownToBroker = info?.ack_floor.stream_seq ?? guarded
    const settled = floor ?? (progress ? await progress.begin(stream, info, guarded) : (knownToBroker ?? 0))
    const behind = plan.isQueue ? 0 : this.#startingPoint.behind(stream, settled)
    const config = plan.config(stream, behind)
    const standing = isFirst && info && isReusable(info, config, plan.isQueue ? undefined : behind) ? info : undefined
    this.#expectedConsumerSequence = standing ? standing.delivered.consumer_seq + 1 : 1
    if (standing && isGuarded) await dropGuard(jsm, name, durable)
    const consumer = standing ?? (await remakeConsumer(jsm, name, config, { isGuarded }))
    this.#stream = name
    this.#startingPoint.keep(stream)
    this.#unacknowledged.clear()
    progress?.bound(stream, consumer, behind)
    handler.startBehind(behind)
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
    this.#leftOutBehind = behind
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
      if (info) handler.waiting(info.num_pending)
      const stream = info && (await streamInfo(this.#jsm!, this.#stream).catch(() => undefined))
      if (!stream || !this.#isBound) continue
      await this.#examine(this.#jsm!, stream, info)
      const wanted = await lastWanted(this.#jsm!, info, stream).catch(() => 0)
      if (!stalls.isStalled(info, wanted)) continue
      logger.warn('the consumer stops short of the end of its stream', { consumer: durable, last: wanted })
      this.#interrupted.abort()
    }
  }

  async #woken(clock: Clock): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await sleep(clock, NO_CAPACITY_PAUSE_MS, woken.signal)
  }
}

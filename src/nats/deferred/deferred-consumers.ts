/**
 * Delivers deferred events: one consumer per tenant, on the tenant's subject, read as fast as the tenant's quota allows. A consumer is created for every subject with messages, so
 * no state has to survive a restart.
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, nanos, type NatsConnection } from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import type { DeadLetterSink, EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import { tokenOf } from '../tenant-token.ts'
import { deferredSubject, ensureDeferredStream, tenantOfSubject } from './deferred-stream.ts'
import { InvalidMessages } from './invalid-messages.ts'
import type { StreamLimits } from '../stream-limits.ts'
import type { ConsumerPlan } from '../consumer/consumer-plan.ts'
import { NatsEventSource } from '../consumer/event-source.ts'
import { DEFERRED_STREAM, DEFERRED_SUBJECT_PREFIX } from '../names.ts'
import { deleteOneByOne } from '../old-servers/single-deletions.ts'
import type { ConsumerLimits } from '../consumer/consumer-config.ts'
import { deleteConsumer } from '../consumer-info.ts'

const POLL_INTERVAL_MS = 1_000
/** Further tenants wait until a consumer is closed. */
const MAX_CONSUMERS = 100
/** While tenants wait, a consumer is closed after this time. */
const MAX_HOLD_MS = 10_000
/** Above this part of its size the stream counts as full, so that the events until the next poll still fit. */
const FULL_RATIO = 0.9
const CONSUMER_PREFIX = 'tenant-'

interface TenantConsumer {
  readonly source: TenantSource
  readonly release: () => Promise<void>
  readonly openedAt: number
}

export interface DeferredConsumersOptions {
  readonly connection: NatsConnection
  readonly limits: ConsumerLimits
  readonly streamLimits?: StreamLimits | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Receives messages of the stream that belong to no tenant. */
  readonly deadLetters: DeadLetterSink
  /** Whether this process stores the events of a tenant; otherwise it does not consume them here. */
  readonly isLocal: (tenantId: string) => boolean
  /** Consumes the source of a tenant. The resolved function stops that, and resolves when every delivery is settled. */
  readonly consume: (source: EventSource, tenantId: string) => Promise<() => Promise<void>>
  /** Reports whether a tenant has deferred events. */
  readonly onDeferred: (tenantId: string, isDeferred: boolean) => void
  /** Reports the number of deferred events of all tenants, and whether the stream is nearly full. */
  readonly onPending: (count: number, isFull: boolean) => void
}

/** Collects settled sequences, which can be deleted from the stream. */
class TenantSource extends NatsEventSource {
  readonly settled: number[] = []

  override acknowledge(sequence: number): readonly number[] {
    const settled = super.acknowledge(sequence)
    for (const each of settled) this.settled.push(each)
    return settled
  }
}

export class DeferredConsumers {
  readonly #options: DeferredConsumersOptions
  readonly #consumers = new Map<string, TenantConsumer>()
  /** Tenants that wait for a consumer, in order of arrival. */
  readonly #queue = new Set<string>()
  #hasDeletedLeftovers = false
  readonly #invalidMessages: InvalidMessages
  /** Polls and releases run one at a time. */
  #lastTask: Promise<unknown> = Promise.resolve()

  constructor(options: DeferredConsumersOptions) {
    this.#options = options
    this.#invalidMessages = new InvalidMessages(options.deadLetters)
  }

  /** Closes the consumers of tenants that are no longer local. Rejects when the broker does not respond. */
  async release(): Promise<void> {
    const jsm = await this.#options.connection.jetstreamManager({ checkAPI: false })
    await this.#serialise(async () => {
      for (const [tenantId, consumer] of this.#consumers)
        if (!this.#options.isLocal(tenantId)) await this.#close(jsm, tenantId, consumer)
    })
  }

  /** Opens and closes consumers until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, signal } = this.#options
    while (!signal.aborted) {
      try {
        const jsm = await connection.jetstreamManager({ checkAPI: false })
        await this.#serialise(() => this.#poll(jsm))
      } catch (error) {
        if (!signal.aborted) logger.warn('deferred events cannot be polled; retrying', { error })
      }
      await sleep(clock, POLL_INTERVAL_MS, signal)
    }
  }

  #serialise(task: () => Promise<void>): Promise<void> {
    const outcome = this.#lastTask.then(task)
    this.#lastTask = outcome.catch(() => {})
    return outcome
  }

  async #poll(jsm: JetStreamManager): Promise<void> {
    const { isLocal, onDeferred, onPending, logger } = this.#options
    await ensureDeferredStream(jsm, this.#options.streamLimits)
    const info = await jsm.streams.info(DEFERRED_STREAM, { subjects_filter: `${DEFERRED_SUBJECT_PREFIX}*` })
    const { config, state } = info
    const tenants = Object.keys(state.subjects ?? {}).map(tenantOfSubject)
    const pending = new Set(tenants.filter((tenantId) => tenantId !== undefined).filter(isLocal))
    onPending(state.messages, config.max_bytes > 0 && state.bytes > config.max_bytes * FULL_RATIO)
    if (!this.#hasDeletedLeftovers) await this.#deleteLeftovers(jsm, pending)
    for (const tenantId of pending) {
      onDeferred(tenantId, true)
      if (!this.#consumers.has(tenantId)) this.#queue.add(tenantId)
    }
    for (const tenantId of this.#queue) if (!pending.has(tenantId)) this.#queue.delete(tenantId)
    for (const [tenantId, consumer] of this.#consumers)
      await this.#isolateFailure(tenantId, async () => {
        await this.#deleteSettled(jsm, consumer)
        const isEmpty = !pending.has(tenantId)
        if (isEmpty || this.#mustYield(consumer)) await this.#close(jsm, tenantId, consumer)
        if (isEmpty) onDeferred(tenantId, false)
      })
    for (const tenantId of this.#queue) {
      if (this.#consumers.size >= MAX_CONSUMERS) break
      this.#queue.delete(tenantId)
      await this.#isolateFailure(tenantId, () => this.#open(jsm, tenantId))
    }
    if (!tenants.includes(undefined)) return
    const count = await this.#invalidMessages.moveToDeadLetters(jsm, info)
    if (count > 0) logger.warn('deferred messages without a valid tenant were moved to the dead letters', { count })
  }

  /** A failure for one tenant does not block the others; the task is retried at the next poll. */
  async #isolateFailure(tenantId: string, task: () => Promise<void>): Promise<void> {
    const { logger, signal } = this.#options
    try {
      await task()
    } catch (error) {
      if (!signal.aborted)
        logger.warn('the deferred events of a tenant cannot be processed; retrying', { tenantId, error })
    }
  }

  /** Whether the consumer has to be closed in favour of a waiting tenant. */
  #mustYield({ openedAt }: TenantConsumer): boolean {
    const isCrowded = this.#consumers.size + this.#queue.size > MAX_CONSUMERS
    return isCrowded && this.#options.clock.monotonic() - openedAt > MAX_HOLD_MS
  }

  /** Deletes consumers of an earlier process whose subject is empty. */
  async #deleteLeftovers(jsm: JetStreamManager, pending: ReadonlySet<string>): Promise<void> {
    const { isLocal } = this.#options
    for await (const { name } of jsm.consumers.list(DEFERRED_STREAM)) {
      if (!name.startsWith(CONSUMER_PREFIX)) continue
      const tenantId = tenantOfSubject(DEFERRED_SUBJECT_PREFIX + name.slice(CONSUMER_PREFIX.length))
      if (tenantId !== undefined && isLocal(tenantId) && !pending.has(tenantId))
        await deleteConsumer(jsm, DEFERRED_STREAM, name)
    }
    this.#hasDeletedLeftovers = true
  }

  async #open(jsm: JetStreamManager, tenantId: string): Promise<void> {
    const { connection, limits, clock, logger, consume } = this.#options
    const durable = consumerName(tenantId)
    // Recreated, because every message in the stream has to be delivered and an old consumer may have delivered some.
    await deleteConsumer(jsm, DEFERRED_STREAM, durable)
    const source = new TenantSource({
      connection,
      durable,
      plan: tenantConsumerPlan(tenantId, durable, limits),
      clock,
      logger,
    })
    const release = await consume(source, tenantId)
    this.#consumers.set(tenantId, { source, release, openedAt: clock.monotonic() })
  }

  /** Remaining and later events of the tenant get a new consumer. */
  async #close(jsm: JetStreamManager, tenantId: string, consumer: TenantConsumer): Promise<void> {
    this.#consumers.delete(tenantId)
    await consumer.release()
    await this.#deleteSettled(jsm, consumer)
    await deleteConsumer(jsm, DEFERRED_STREAM, consumerName(tenantId))
  }

  #deleteSettled(jsm: JetStreamManager, { source }: TenantConsumer): Promise<void> {
    return deleteOneByOne(jsm, DEFERRED_STREAM, source.settled)
  }
}

function consumerName(tenantId: string): string {
  return CONSUMER_PREFIX + tokenOf(tenantId)
}

function tenantConsumerPlan(tenantId: string, durable: string, limits: ConsumerLimits): ConsumerPlan {
  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    filter_subject: deferredSubject(tenantId),
    ack_policy: AckPolicy.All,
    ack_wait: nanos(limits.ackWaitMs),
    max_ack_pending: limits.maxAckPending,
    max_deliver: -1,
  }
  return {
    mayCreate: true,
    stream: (jsm) => jsm.streams.info(DEFERRED_STREAM),
    config: (_, floor) =>
      floor > 0
        ? { ...config, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
        : { ...config, deliver_policy: DeliverPolicy.All },
  }
}

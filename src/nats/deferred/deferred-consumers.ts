/**
 * The way back of delayed events: a lane a tenant, which is a consumer of the tenant's subject, read as fast as its quota allows. Lanes are opened for whatever subject
 * holds messages, so that nothing has to be remembered over a restart.
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, nanos, type NatsConnection } from 'nats'
import { type Clock, sleep } from '../../base/clock.ts'
import type { DeadLetterSink, EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import { deferredSubject, DEFERRED_STREAM, ensureDeferredStream, tenantOfSubject, tokenOf } from './deferred-stream.ts'
import { InvalidMessages } from './invalid-messages.ts'
import type { StreamLimits } from '../limits/stream-limits.ts'
import { DEFERRED_SUBJECT_PREFIX } from '../consumer/delivery.ts'
import type { ConsumerPlan } from '../consumer/consumer-plan.ts'
import { NatsEventSource } from '../consumer/event-source.ts'
import { deleteConsumer } from '../consumer/recreate-consumer.ts'
import type { ConsumerLimits } from '../topology.ts'
import { isNotFound } from '../stream-info.ts'

const WATCH_INTERVAL_MS = 1_000
/** More tenants than this wait until a lane is free. */
const MAX_CONSUMERS = 100
/** While tenants wait for a lane, nobody keeps one for longer. */
const MAX_HOLD_MS = 10_000
/** From here on nothing new is put away: what comes before the next look still finds room. */
const FULL_RATIO = 0.9
const CONSUMER_PREFIX = 'lane-'
const DELETE_BATCH_SIZE = 100

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
  /** Takes what waits in the stream and belongs to no tenant. */
  readonly deadLetters: DeadLetterSink
  /** Whether this process stores the events of a tenant: others leave its lane alone. */
  readonly isLocal: (tenantId: string) => boolean
  /** Takes what a lane delivers; the result lets go of it when all is settled. */
  readonly consume: (source: EventSource, tenantId: string) => Promise<() => Promise<void>>
  /** A tenant has delayed events, or none any more. */
  readonly onDeferred: (tenantId: string, isDelayed: boolean) => void
  /** So many events wait, of all tenants; whether hardly any room is left for more. */
  readonly onPending: (count: number, isFull: boolean) => void
}

/** Remembers what is settled, and can be deleted. */
class TenantSource extends NatsEventSource {
  settled: number[] = []

  override acknowledge(sequence: number): readonly number[] {
    const settled = super.acknowledge(sequence)
    for (const each of settled) this.settled.push(each)
    return settled
  }
}

export class DeferredConsumers {
  readonly #options: DeferredConsumersOptions
  readonly #consumers = new Map<string, TenantConsumer>()
  /** Tenants that wait for a lane, the first to come first. */
  readonly #queue = new Set<string>()
  #hasDeletedLeftovers = false
  readonly #invalidMessages: InvalidMessages
  /** One look or release at a time. */
  #lastTask: Promise<unknown> = Promise.resolve()

  constructor(options: DeferredConsumersOptions) {
    this.#options = options
    this.#invalidMessages = new InvalidMessages(options.deadLetters)
  }

  /** Closes the lanes of tenants that are not ours any more. Rejects when the broker does not answer. */
  async release(): Promise<void> {
    const jsm = await this.#options.connection.jetstreamManager({ checkAPI: false })
    await this.#serialise(async () => {
      for (const [tenantId, lane] of this.#consumers)
        if (!this.#options.isLocal(tenantId)) await this.#close(jsm, tenantId, lane)
    })
  }

  /** Opens and closes lanes until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, signal } = this.#options
    while (!signal.aborted) {
      try {
        const jsm = await connection.jetstreamManager({ checkAPI: false })
        await this.#serialise(() => this.#poll(jsm))
      } catch (error) {
        if (!signal.aborted) logger.warn('delayed events have to wait longer', { error })
      }
      await sleep(clock, WATCH_INTERVAL_MS, signal)
    }
  }

  #serialise(task: () => Promise<void>): Promise<void> {
    const turn = this.#lastTask.then(task)
    this.#lastTask = turn.catch(() => {})
    return turn
  }

  async #poll(jsm: JetStreamManager): Promise<void> {
    const { isLocal: isOurs, onDeferred: onDelayed, onPending: onWaiting, logger } = this.#options
    await ensureDeferredStream(jsm, this.#options.streamLimits)
    const info = await jsm.streams.info(DEFERRED_STREAM, { subjects_filter: `${DEFERRED_SUBJECT_PREFIX}*` })
    const { config, state } = info
    const tenants = Object.keys(state.subjects ?? {}).map(tenantOfSubject)
    const waiting = new Set(tenants.filter((tenantId) => tenantId !== undefined).filter(isOurs))
    onWaiting(state.messages, config.max_bytes > 0 && state.bytes > config.max_bytes * FULL_RATIO)
    if (!this.#hasDeletedLeftovers) await this.#deleteLeftovers(jsm, waiting)
    for (const tenantId of waiting) {
      onDelayed(tenantId, true)
      if (!this.#consumers.has(tenantId)) this.#queue.add(tenantId)
    }
    for (const tenantId of this.#queue) if (!waiting.has(tenantId)) this.#queue.delete(tenantId)
    for (const [tenantId, lane] of this.#consumers)
      await this.#isolateFailure(tenantId, async () => {
        await this.#deleteSettled(jsm, lane)
        const isEmpty = !waiting.has(tenantId)
        if (isEmpty || this.#mustYield(lane)) await this.#close(jsm, tenantId, lane)
        if (isEmpty) onDelayed(tenantId, false)
      })
    for (const tenantId of this.#queue) {
      if (this.#consumers.size >= MAX_CONSUMERS) break
      this.#queue.delete(tenantId)
      await this.#isolateFailure(tenantId, () => this.#open(jsm, tenantId))
    }
    if (!tenants.includes(undefined)) return
    const count = await this.#invalidMessages.moveToDeadLetters(jsm, info)
    if (count > 0)
      logger.warn('messages among the delayed events belonged to no tenant and went to the dead letters', { count })
  }

  /** What fails for one tenant does not keep the others waiting; it is tried again at the next look. */
  async #isolateFailure(tenantId: string, task: () => Promise<void>): Promise<void> {
    const { logger, signal } = this.#options
    try {
      await task()
    } catch (error) {
      if (!signal.aborted) logger.warn('the delayed events of a tenant have to wait longer', { tenantId, error })
    }
  }

  /** Whether it has to make room for those that have no lane yet. */
  #mustYield({ openedAt }: TenantConsumer): boolean {
    const isCrowded = this.#consumers.size + this.#queue.size > MAX_CONSUMERS
    return isCrowded && this.#options.clock.monotonic() - openedAt > MAX_HOLD_MS
  }

  /** Deletes consumers that a process left behind whose lane was empty. */
  async #deleteLeftovers(jsm: JetStreamManager, waiting: ReadonlySet<string>): Promise<void> {
    const { isLocal: isOurs } = this.#options
    for await (const { name } of jsm.consumers.list(DEFERRED_STREAM)) {
      if (!name.startsWith(CONSUMER_PREFIX)) continue
      const tenantId = tenantOfSubject(DEFERRED_SUBJECT_PREFIX + name.slice(CONSUMER_PREFIX.length))
      if (tenantId !== undefined && isOurs(tenantId) && !waiting.has(tenantId))
        await deleteConsumer(jsm, DEFERRED_STREAM, name)
    }
    this.#hasDeletedLeftovers = true
  }

  async #open(jsm: JetStreamManager, tenantId: string): Promise<void> {
    const { connection, limits, clock, logger, consume: take } = this.#options
    const durable = consumerName(tenantId)
    // Made anew: whatever is in the stream has to come, and one that is left over may take it for delivered.
    await deleteConsumer(jsm, DEFERRED_STREAM, durable)
    const source = new TenantSource({
      connection,
      durable,
      plan: tenantConsumerPlan(tenantId, durable, limits),
      clock,
      logger,
    })
    const release = await take(source, tenantId)
    this.#consumers.set(tenantId, { source, release, openedAt: clock.monotonic() })
  }

  /** What waits for the tenant still, or comes later, gets a lane anew. */
  async #close(jsm: JetStreamManager, tenantId: string, consumer: TenantConsumer): Promise<void> {
    this.#consumers.delete(tenantId)
    await consumer.release()
    await this.#deleteSettled(jsm, consumer)
    await deleteConsumer(jsm, DEFERRED_STREAM, consumerName(tenantId))
  }

  /** Deletes what is settled, message by message: while others publish, a server of 2.9 that purges one subject loses messages of another. */
  async #deleteSettled(jsm: JetStreamManager, { source }: TenantConsumer): Promise<void> {
    while (source.settled.length > 0) {
      const some = source.settled.slice(0, DELETE_BATCH_SIZE)
      await Promise.all(some.map((sequence) => deleteMessage(jsm, sequence)))
      source.settled.splice(0, some.length)
    }
  }
}

/** It may be gone: deleted by a try whose answer did not come. */
async function deleteMessage(jsm: JetStreamManager, sequence: number): Promise<void> {
  try {
    await jsm.streams.deleteMessage(DEFERRED_STREAM, sequence, false)
  } catch (error) {
    if (!isNotFound(error)) throw error
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

/**
 * The way back of delayed events: a lane a tenant, which is a consumer of the tenant's subject, read as fast as its quota allows. Lanes are opened for whatever subject
 * holds messages, so that nothing has to be remembered over a restart.
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, nanos, type NatsConnection } from 'nats'
import { type Clock, sleep } from '../clock.ts'
import type { DeadLetterSink, EventSource } from '../ingest/ports.ts'
import type { Logger } from '../logger.ts'
import { delayedSubject, DELAYED_STREAM, ensureDelayedStream, tenantOfSubject, tokenOf } from './delayed-stream.ts'
import { DelayedStrays } from './delayed-strays.ts'
import type { StreamLimits } from '../stream-limits.ts'
import { DELAYED_SUBJECT } from './delivery.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import { NatsEventSource } from './event-source.ts'
import { deleteConsumer } from './remake-consumer.ts'
import type { ConsumerLimits } from './topology.ts'
import { isNotFound } from './stream-info.ts'

const WATCH_INTERVAL_MS = 1_000
/** More tenants than this wait until a lane is free. */
const MAX_LANES = 100
/** While tenants wait for a lane, nobody keeps one for longer. */
const TURN_MS = 10_000
/** From here on nothing new is put away: what comes before the next look still finds room. */
const FULL_RATIO = 0.9
const LANE_PREFIX = 'lane-'
const DELETED_AT_ONCE = 100

interface Lane {
  readonly source: LaneSource
  readonly letGo: () => Promise<void>
  readonly openedAt: number
}

export interface DelayedLanesOptions {
  readonly connection: NatsConnection
  readonly limits: ConsumerLimits
  readonly streamLimits?: StreamLimits | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Takes what waits in the stream and belongs to no tenant. */
  readonly deadLetters: DeadLetterSink
  /** Whether this process stores the events of a tenant: others leave its lane alone. */
  readonly isOurs: (tenantId: string) => boolean
  /** Takes what a lane delivers; the result lets go of it when all is settled. */
  readonly take: (source: EventSource, tenantId: string) => Promise<() => Promise<void>>
  /** A tenant has delayed events, or none any more. */
  readonly onDelayed: (tenantId: string, isDelayed: boolean) => void
  /** So many events wait, of all tenants; whether hardly any room is left for more. */
  readonly onWaiting: (count: number, isFull: boolean) => void
}

/** Remembers what is settled, and can be deleted. */
class LaneSource extends NatsEventSource {
  settled: number[] = []

  override acknowledge(sequence: number): readonly number[] {
    const settled = super.acknowledge(sequence)
    for (const each of settled) this.settled.push(each)
    return settled
  }
}

export class DelayedLanes {
  readonly #options: DelayedLanesOptions
  readonly #lanes = new Map<string, Lane>()
  /** Tenants that wait for a lane, the first to come first. */
  readonly #queue = new Set<string>()
  #hasSwept = false
  readonly #strays: DelayedStrays
  /** One look or release at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: DelayedLanesOptions) {
    this.#options = options
    this.#strays = new DelayedStrays(options.deadLetters)
  }

  /** Closes the lanes of tenants that are not ours any more. Rejects when the broker does not answer. */
  async release(): Promise<void> {
    const jsm = await this.#options.connection.jetstreamManager({ checkAPI: false })
    await this.#inTurn(async () => {
      for (const [tenantId, lane] of this.#lanes)
        if (!this.#options.isOurs(tenantId)) await this.#close(jsm, tenantId, lane)
    })
  }

  /** Opens and closes lanes until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, signal } = this.#options
    while (!signal.aborted) {
      try {
        const jsm = await connection.jetstreamManager({ checkAPI: false })
        await this.#inTurn(() => this.#look(jsm))
      } catch (error) {
        if (!signal.aborted) logger.warn('delayed events have to wait longer', { error })
      }
      await sleep(clock, WATCH_INTERVAL_MS, signal)
    }
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #look(jsm: JetStreamManager): Promise<void> {
    const { isOurs, onDelayed, onWaiting, logger } = this.#options
    await ensureDelayedStream(jsm, this.#options.streamLimits)
    const info = await jsm.streams.info(DELAYED_STREAM, { subjects_filter: `${DELAYED_SUBJECT}*` })
    const { config, state } = info
    const tenants = Object.keys(state.subjects ?? {}).map(tenantOfSubject)
    const waiting = new Set(tenants.filter((tenantId) => tenantId !== undefined).filter(isOurs))
    onWaiting(state.messages, config.max_bytes > 0 && state.bytes > config.max_bytes * FULL_RATIO)
    if (!this.#hasSwept) await this.#sweep(jsm, waiting)
    for (const tenantId of waiting) {
      onDelayed(tenantId, true)
      if (!this.#lanes.has(tenantId)) this.#queue.add(tenantId)
    }
    for (const tenantId of this.#queue) if (!waiting.has(tenantId)) this.#queue.delete(tenantId)
    for (const [tenantId, lane] of this.#lanes)
      await this.#forOne(tenantId, async () => {
        await this.#clear(jsm, lane)
        const isEmpty = !waiting.has(tenantId)
        if (isEmpty || this.#isTurnOver(lane)) await this.#close(jsm, tenantId, lane)
        if (isEmpty) onDelayed(tenantId, false)
      })
    for (const tenantId of this.#queue) {
      if (this.#lanes.size >= MAX_LANES) break
      this.#queue.delete(tenantId)
      await this.#forOne(tenantId, () => this.#open(jsm, tenantId))
    }
    if (!tenants.includes(undefined)) return
    const count = await this.#strays.move(jsm, info)
    if (count > 0)
      logger.warn('messages among the delayed events belonged to no tenant and went to the dead letters', { count })
  }

  /** What fails for one tenant does not keep the others waiting; it is tried again at the next look. */
  async #forOne(tenantId: string, task: () => Promise<void>): Promise<void> {
    const { logger, signal } = this.#options
    try {
      await task()
    } catch (error) {
      if (!signal.aborted) logger.warn('the delayed events of a tenant have to wait longer', { tenantId, error })
    }
  }

  /** Whether it has to make room for those that have no lane yet. */
  #isTurnOver({ openedAt }: Lane): boolean {
    const isCrowded = this.#lanes.size + this.#queue.size > MAX_LANES
    return isCrowded && this.#options.clock.monotonic() - openedAt > TURN_MS
  }

  /** Deletes consumers that a process left behind whose lane was empty. */
  async #sweep(jsm: JetStreamManager, waiting: ReadonlySet<string>): Promise<void> {
    const { isOurs } = this.#options
    for await (const { name } of jsm.consumers.list(DELAYED_STREAM)) {
      if (!name.startsWith(LANE_PREFIX)) continue
      const tenantId = tenantOfSubject(DELAYED_SUBJECT + name.slice(LANE_PREFIX.length))
      if (tenantId !== undefined && isOurs(tenantId) && !waiting.has(tenantId))
        await deleteConsumer(jsm, DELAYED_STREAM, name)
    }
    this.#hasSwept = true
  }

  async #open(jsm: JetStreamManager, tenantId: string): Promise<void> {
    const { connection, limits, clock, logger, take } = this.#options
    const durable = laneConsumer(tenantId)
    // Made anew: whatever is in the stream has to come, and one that is left over may take it for delivered.
    await deleteConsumer(jsm, DELAYED_STREAM, durable)
    const source = new LaneSource({
      connection,
      durable,
      plan: lanePlan(tenantId, durable, limits),
      clock,
      logger,
    })
    const letGo = await take(source, tenantId)
    this.#lanes.set(tenantId, { source, letGo, openedAt: clock.monotonic() })
  }

  /** What waits for the tenant still, or comes later, gets a lane anew. */
  async #close(jsm: JetStreamManager, tenantId: string, lane: Lane): Promise<void> {
    this.#lanes.delete(tenantId)
    await lane.letGo()
    await this.#clear(jsm, lane)
    await deleteConsumer(jsm, DELAYED_STREAM, laneConsumer(tenantId))
  }

  /** Deletes what is settled, message by message: while others publish, a server of 2.9 that purges one subject loses messages of another. */
  async #clear(jsm: JetStreamManager, { source }: Lane): Promise<void> {
    while (source.settled.length > 0) {
      const some = source.settled.slice(0, DELETED_AT_ONCE)
      await Promise.all(some.map((sequence) => deleteMessage(jsm, sequence)))
      source.settled.splice(0, some.length)
    }
  }
}

/** It may be gone: deleted by a try whose answer did not come. */
async function deleteMessage(jsm: JetStreamManager, sequence: number): Promise<void> {
  try {
    await jsm.streams.deleteMessage(DELAYED_STREAM, sequence, false)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

function laneConsumer(tenantId: string): string {
  return LANE_PREFIX + tokenOf(tenantId)
}

function lanePlan(tenantId: string, durable: string, limits: ConsumerLimits): ConsumerPlan {
  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    filter_subject: delayedSubject(tenantId),
    ack_policy: AckPolicy.All,
    ack_wait: nanos(limits.ackWaitMs),
    max_ack_pending: limits.maxAckPending,
    max_deliver: -1,
  }
  return {
    mayCreate: true,
    stream: (jsm) => jsm.streams.info(DELAYED_STREAM),
    config: (_, floor) =>
      floor > 0
        ? { ...config, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
        : { ...config, deliver_policy: DeliverPolicy.All },
  }
}

/**
 * The way back of delayed events: a lane a tenant, which is a consumer of the tenant's subject, read as fast as its quota allows. Lanes are opened for whatever subject
 * holds messages, so that nothing has to be remembered over a restart.
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, nanos, type NatsConnection } from 'nats'
import { type Clock, sleep } from '../clock.ts'
import type { EventSource } from '../ingest/ports.ts'
import type { Logger } from '../logger.ts'
import { delayedSubject, DELAYED_STREAM, tenantOfSubject, tokenOf } from './delayed-stream.ts'
import { DELAYED_SUBJECT } from './delivery.ts'
import { type ConsumerPlan, NatsEventSource } from './event-source.ts'
import { type ConsumerLimits, consumerInfo } from './topology.ts'

const WATCH_INTERVAL_MS = 1_000
/** More tenants than this wait until a lane is free. */
const MAX_LANES = 100

export interface DelayedLanesOptions {
  readonly connection: NatsConnection
  readonly limits: ConsumerLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Takes what a lane delivers; the result lets go of it when all is settled. */
  readonly take: (source: EventSource, tenantId: string) => Promise<() => Promise<void>>
  /** A tenant has delayed events, or none any more. */
  readonly onDelayed: (tenantId: string, isDelayed: boolean) => void
  /** So many events wait, of all tenants. */
  readonly onWaiting: (count: number) => void
}

export class DelayedLanes {
  readonly #options: DelayedLanesOptions
  readonly #lanes = new Map<string, () => Promise<void>>()

  constructor(options: DelayedLanesOptions) {
    this.#options = options
  }

  /** Opens and closes lanes until the signal aborts. */
  async run(): Promise<void> {
    const { connection, clock, logger, signal } = this.#options
    while (!signal.aborted) {
      try {
        await this.#look(await connection.jetstreamManager({ checkAPI: false }))
      } catch (error) {
        logger.warn('delayed events have to wait longer', { error })
      }
      await sleep(clock, WATCH_INTERVAL_MS, signal)
    }
  }

  async #look(jsm: JetStreamManager): Promise<void> {
    const { onDelayed, onWaiting } = this.#options
    const { state } = await jsm.streams.info(DELAYED_STREAM, { subjects_filter: `${DELAYED_SUBJECT}*` })
    const waiting = new Map(
      Object.entries(state.subjects ?? {}).map(([subject, count]) => [tenantOfSubject(subject), count]),
    )
    onWaiting(state.messages)
    for (const tenantId of waiting.keys()) {
      onDelayed(tenantId, true)
      if (!this.#lanes.has(tenantId) && this.#lanes.size < MAX_LANES) await this.#open(tenantId)
    }
    for (const tenantId of this.#lanes.keys()) await this.#tidy(jsm, tenantId, waiting.get(tenantId) ?? 0)
  }

  async #open(tenantId: string): Promise<void> {
    const { connection, limits, clock, logger, take } = this.#options
    const durable = laneConsumer(tenantId)
    const source = new NatsEventSource({
      connection,
      durable,
      plan: lanePlan(tenantId, durable, limits),
      clock,
      logger,
    })
    this.#lanes.set(tenantId, await take(source, tenantId))
  }

  /** Deletes what is settled; closes the lane when nothing is left. */
  async #tidy(jsm: JetStreamManager, tenantId: string, waitingCount: number): Promise<void> {
    const durable = laneConsumer(tenantId)
    if (waitingCount === 0) {
      const letGo = this.#lanes.get(tenantId)!
      this.#lanes.delete(tenantId)
      await letGo()
      await jsm.consumers.delete(DELAYED_STREAM, durable)
      this.#options.onDelayed(tenantId, false)
      return
    }
    const info = await consumerInfo(jsm, DELAYED_STREAM, durable)
    if (!info) return
    // The server leaves the floor behind when what is below it is purged; with nothing open, all that was delivered is settled.
    const settled = info.num_ack_pending === 0 ? info.delivered.stream_seq : info.ack_floor.stream_seq
    if (settled > 0) await jsm.streams.purge(DELAYED_STREAM, { filter: delayedSubject(tenantId), seq: settled + 1 })
  }
}

function laneConsumer(tenantId: string): string {
  return `lane-${tokenOf(tenantId)}`
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

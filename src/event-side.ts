/**
 * The event side of the service, built from its parts: the sources on the broker, the ingestion between, the store behind. Part of the composition root. Here what is the
 * same for a process that does all of it alone and for one of several; `shared-event-side.ts` is the latter.
 */
import type { NatsConnection } from 'nats'
import type { Clock } from './clock.ts'
import type { Store } from './clickhouse/connect.ts'
import { createEventStore } from './clickhouse/event-store.ts'
import type { Config } from './config.ts'
import type { DataVersions } from './data-versions.ts'
import { ingestLimits } from './ingest/budget.ts'
import { Ingestion, type IngestionOptions } from './ingest/ingestion.ts'
import { Quotas } from './ingest/quotas.ts'
import type { EventStore } from './ingest/ports.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { DeadLetterStream } from './nats/dead-letter-stream.ts'
import { DelayedLanes } from './nats/delayed-lanes.ts'
import { DelayedStream, ensureDelayedStream } from './nats/delayed-stream.ts'
import { livePlan } from './nats/consumer-plan.ts'
import { StreamWatch } from './nats/limits/stream-watch.ts'
import { NatsEventSource } from './nats/event-source.ts'
import { watchReplays } from './nats/replay.ts'
import { SettledRecord } from './nats/settled-record.ts'
import { MISSING_CAUSES, StreamProgress } from './nats/stream-progress.ts'
import type { ConsumerLimits } from './nats/topology.ts'
import { PARTITION_COUNT } from './sharing/board.ts'
import type { Turns } from './turns.ts'

const BYTES_A_MB = 1_048_576

export interface EventSide {
  /** The one that is at work now. */
  readonly ingestion: Ingestion
  /** Takes what the stream delivers. Rejects when that cannot begin now: then it may be called again. */
  start(): Promise<void>
  /** Takes nothing more, stores what is held; what `deadline` (an abort) leaves over is delivered again. */
  stop(deadline: AbortSignal): Promise<void>
  /** Whether it takes part in consuming the stream. */
  isBound(): boolean
  /** Whether this process cares for what only one should do. */
  isLeading(): boolean
  /** Whether this process stores the events of that tenant. */
  isOurs(tenantId: string): boolean
}

export interface EventSideOptions {
  readonly config: Config
  readonly connection: NatsConnection
  readonly store: Store
  readonly versions: DataVersions
  readonly live: LiveHub
  readonly turns: Turns
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Ingestion with what it takes from and where it puts things, but for the sources. */
export interface IngestionParts {
  readonly ingestion: Ingestion
  readonly lanes: DelayedLanes
  readonly consumerLimits: ConsumerLimits
  /** Takes from the event stream, and from replays of it; `mayBind` rejects while it must not. Resolves once it is bound. */
  takeStream(mayBind?: () => Promise<void>): Promise<TakenStream>
}

export interface TakenStream {
  readonly source: NatsEventSource
  /** Takes nothing more; resolves when all that came is settled. */
  readonly letGo: () => Promise<void>
}

export interface IngestionVariant extends Pick<IngestionOptions, 'routing' | 'onFenced'> {
  /** Whether this process stores the events of a tenant; by default it does. */
  readonly isOurs?: (tenantId: string) => boolean
  readonly store: EventStore
  /** Ends the lanes of delayed events, and the replays. */
  readonly signal: AbortSignal
  /** These tenants' data have moved. */
  readonly onMoved?: (tenantIds: readonly string[]) => void
}

export function assembleIngestion(
  { config, connection, versions, live, ...shared }: Omit<EventSideOptions, 'store'>,
  { store, signal, routing, isOurs = () => true, onFenced, onMoved = () => {} }: IngestionVariant,
): IngestionParts {
  const { clock, logger } = shared
  const { natsStream, natsConsumer, ingestMemoryMb, bufferSize, flushIntervalMs, breakerEvents } = config
  const { tenantEventsPerSecond, tenantQuotas } = config
  const delayed = new DelayedStream(connection)
  const deadLetters = new DeadLetterStream(connection)
  const quotas = new Quotas({ eventsPerSecond: tenantEventsPerSecond, byTenant: tenantQuotas, clock })
  const limits = ingestLimits(ingestMemoryMb * BYTES_A_MB, flushIntervalMs, connection.info?.max_payload ?? 0)
  const consumerLimits = { maxAckPending: limits.maxEvents, ackWaitMs: limits.ackWaitMs }
  const ingestion = new Ingestion({
    ...shared,
    observer: live.commits,
    store: moving(versions, onMoved, store),
    deadLetters,
    quotas,
    delayed,
    routing,
    onFenced,
    bufferSize,
    flushIntervalMs,
    limits,
    breakerEvents,
  })
  const lanes = new DelayedLanes({
    connection,
    limits: consumerLimits,
    streamLimits: config.streamLimits,
    deadLetters,
    clock,
    logger,
    signal,
    isOurs,
    take: (lane, tenantId) => ingestion.take(lane, { isLive: false, laneOf: tenantId }),
    onDelayed: (tenantId, isDelayed) => quotas.setDelayed(tenantId, isDelayed),
    onWaiting(count, isFull) {
      shared.metrics.delayedEvents.set(count)
      delayed.isFull = isFull
    },
  })
  return {
    ingestion,
    lanes,
    consumerLimits,
    async takeStream(mayBind) {
      const plan = livePlan({
        connection,
        stream: natsStream,
        durable: natsConsumer,
        limits: consumerLimits,
        streamLimits: config.streamLimits,
        logger,
        mayBind,
      })
      // Each cause is there from the beginning: a series that appears with its first value shows no increase.
      for (const cause of MISSING_CAUSES) shared.metrics.eventsMissed.add(0, { cause })
      const progress = new StreamProgress({
        record: new SettledRecord({ connection, durable: natsConsumer, clock, logger }),
        logger,
        onMissing: (count, cause) => shared.metrics.eventsMissed.add(count, { cause }),
      })
      const source = new NatsEventSource({ clock, logger, connection, durable: natsConsumer, plan, progress })
      const letGo = await ingestion.take(source)
      const over = new AbortController()
      const watching = { connection, clock, logger, signal: AbortSignal.any([signal, over.signal]) }
      const replays = watchReplays({
        ...watching,
        stream: natsStream,
        durable: natsConsumer,
        take: (replay) => ingestion.take(replay, { isLive: false }),
      })
      const limitsKept = new StreamWatch({
        ...watching,
        eventStream: () => source.stream,
        durable: natsConsumer,
        limits: config.streamLimits,
        metrics: shared.metrics,
      }).run()
      return {
        source,
        async letGo() {
          over.abort()
          await Promise.all([letGo(), replays, limitsKept])
        },
      }
    },
  }
}

/** The event side of a process that is alone. */
export function createEventSide(options: EventSideOptions): EventSide {
  const stopped = new AbortController()
  const store = createEventStore(options.store, { clock: options.clock, turns: options.turns })
  const { ingestion, lanes, takeStream } = assembleIngestion(options, { store, signal: stopped.signal })
  let source: NatsEventSource | undefined
  return {
    ingestion,
    async start() {
      await store.open()
      await ensureDelayedStream(await options.connection.jetstreamManager(), options.config.streamLimits)
      ingestion.start()
      ;({ source } = await takeStream())
      void lanes.run()
      const { metrics } = options
      metrics.members.set(1)
      metrics.partitionsHeld.set(PARTITION_COUNT)
    },
    async stop(deadline) {
      stopped.abort()
      await ingestion.stop(deadline)
    },
    isBound: () => source?.isBound() ?? false,
    isLeading: () => source !== undefined,
    isOurs: () => true,
  }
}

/** The same store; the versions of the tenants whose rows it stores move. Also when that fails: nobody knows then what is stored. */
function moving(
  versions: DataVersions,
  onMoved: (tenantIds: readonly string[]) => void,
  store: EventStore,
): EventStore {
  return {
    ...store,
    async insertRows(rows) {
      try {
        await store.insertRows(rows)
      } finally {
        // A block holds a tenant's rows one after the other.
        const moved: string[] = []
        for (const { tenant_id } of rows) if (tenant_id !== moved.at(-1)) moved.push(tenant_id)
        for (const tenantId of moved) versions.move(tenantId)
        onMoved(moved)
      }
    },
  }
}

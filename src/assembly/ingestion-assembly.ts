/**
 * The event side of the service, built from its parts: the sources on the broker, the ingestion between, the store behind. Part of the composition root. Here what is the
 * same for a process that does all of it alone and for one of several; `shared-event-side.ts` is the latter.
 */
import type { NatsConnection } from 'nats'
import type { Clock } from '../base/clock.ts'
import type { Store } from '../clickhouse/connection/store-connection.ts'
import { createEventStore } from '../clickhouse/write/event-store.ts'
import type { Config } from '../config.ts'
import type { DataVersions } from '../http/cache/data-versions.ts'
import { ingestLimits } from '../ingest/accounting/in-flight-budget.ts'
import { Ingestion, type IngestionOptions } from '../ingest/ingestion.ts'
import { Quotas } from '../ingest/quotas.ts'
import type { EventStore } from '../ingest/ports.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { DeadLetterStream } from '../nats/dead-letters/dead-letter-stream.ts'
import { DeferredConsumers } from '../nats/deferred/deferred-consumers.ts'
import { DeferredStream, ensureDeferredStream } from '../nats/deferred/deferred-stream.ts'
import { livePlan } from '../nats/consumer/consumer-plan.ts'
import { StreamLimitEnforcer } from '../nats/limits/stream-limit-enforcer.ts'
import { NatsEventSource } from '../nats/consumer/event-source.ts'
import { watchReplays } from '../nats/consumer/replay.ts'
import { ProgressRecord } from '../nats/consumer/progress-record.ts'
import { MISSING_CAUSES, StreamProgress } from '../nats/consumer/stream-progress.ts'
import type { ConsumerLimits } from '../nats/consumer/consumer-config.ts'
import { PARTITION_COUNT } from '../cluster/cluster-state.ts'
import type { EventLoopYielder } from '../base/event-loop-yielding.ts'

const BYTES_PER_MB = 1_048_576

export interface IngestionAssembly {
  /** The one that is at work now. */
  readonly ingestion: Ingestion
  /** Takes what the stream delivers. Rejects when that cannot begin now: then it may be called again. */
  start(): Promise<void>
  /** Takes nothing more, stores what is held; what `deadline` (an abort) leaves over is delivered again. */
  stop(deadline: AbortSignal): Promise<void>
  /** Whether it takes part in consuming the stream. */
  isBound(): boolean
  /** Whether this process cares for what only one should do. */
  isLeader(): boolean
  /** Whether this process stores the events of that tenant. */
  isLocal(tenantId: string): boolean
}

export interface IngestionAssemblyOptions {
  readonly config: Config
  readonly connection: NatsConnection
  readonly store: Store
  readonly versions: DataVersions
  readonly live: LiveHub
  readonly yielder: EventLoopYielder
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

/** Ingestion with what it takes from and where it puts things, but for the sources. */
export interface IngestionParts {
  readonly ingestion: Ingestion
  readonly deferredConsumers: DeferredConsumers
  readonly consumerLimits: ConsumerLimits
  /** Takes from the event stream, and from replays of it; `mayBind` rejects while it must not. Resolves once it is bound. */
  consumeStream(mayBind?: () => Promise<void>): Promise<StreamConsumption>
}

export interface StreamConsumption {
  readonly source: NatsEventSource
  /** Takes nothing more; resolves when all that came is settled. */
  readonly release: () => Promise<void>
}

export interface IngestionSetup extends Pick<IngestionOptions, 'cluster' | 'onFenced'> {
  /** Whether this process stores the events of a tenant; by default it does. */
  readonly isLocal?: (tenantId: string) => boolean
  readonly store: EventStore
  /** Ends the lanes of delayed events, and the replays. */
  readonly signal: AbortSignal
  /** These tenants' data have moved. */
  readonly onVersionsChanged?: (tenantIds: readonly string[]) => void
}

export function assembleIngestion(
  { config, connection, versions, live, ...shared }: Omit<IngestionAssemblyOptions, 'store'>,
  {
    store,
    signal,
    cluster,
    isLocal: isOurs = () => true,
    onFenced,
    onVersionsChanged: onMoved = () => {},
  }: IngestionSetup,
): IngestionParts {
  const { clock, logger } = shared
  const { natsStream, natsConsumer, ingestMemoryMb, bufferSize, flushIntervalMs, circuitBreakerWindowEvents } = config
  const { tenantEventsPerSecond, tenantQuotas } = config
  const deferredSink = new DeferredStream(connection)
  const deadLetters = new DeadLetterStream(connection)
  const quotas = new Quotas({ eventsPerSecond: tenantEventsPerSecond, byTenant: tenantQuotas, clock })
  const limits = ingestLimits(ingestMemoryMb * BYTES_PER_MB, flushIntervalMs, connection.info?.max_payload ?? 0)
  const consumerLimits = { maxAckPending: limits.maxEvents, ackWaitMs: limits.ackWaitMs }
  const ingestion = new Ingestion({
    ...shared,
    observer: live.coordinator,
    store: withVersionTracking(versions, onMoved, store),
    deadLetters,
    quotas,
    deferredSink,
    cluster,
    onFenced,
    bufferSize,
    flushIntervalMs,
    limits,
    circuitBreakerWindowEvents,
  })
  const lanes = new DeferredConsumers({
    connection,
    limits: consumerLimits,
    streamLimits: config.streamLimits,
    deadLetters,
    clock,
    logger,
    signal,
    isLocal: isOurs,
    consume: (lane, tenantId) => ingestion.consume(lane, { isLive: false, deferredTenant: tenantId }),
    onDeferred: (tenantId, isDelayed) => quotas.setDeferred(tenantId, isDelayed),
    onPending(count, isFull) {
      shared.metrics.deferredEvents.set(count)
      deferredSink.isFull = isFull
    },
  })
  return {
    ingestion,
    deferredConsumers: lanes,
    consumerLimits,
    async consumeStream(mayBind) {
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
        record: new ProgressRecord({ connection, durable: natsConsumer, clock, logger }),
        logger,
        onMissing: (count, cause) => shared.metrics.eventsMissed.add(count, { cause }),
      })
      const source = new NatsEventSource({ clock, logger, connection, durable: natsConsumer, plan, progress })
      const letGo = await ingestion.consume(source)
      const released = new AbortController()
      const watchOptions = { connection, clock, logger, signal: AbortSignal.any([signal, released.signal]) }
      const replays = watchReplays({
        ...watchOptions,
        stream: natsStream,
        durable: natsConsumer,
        consume: (replay) => ingestion.consume(replay, { isLive: false }),
      })
      const limitEnforcement = new StreamLimitEnforcer({
        ...watchOptions,
        eventStream: () => source.stream,
        durable: natsConsumer,
        limits: config.streamLimits,
        metrics: shared.metrics,
      }).run()
      return {
        source,
        async release() {
          released.abort()
          await Promise.all([letGo(), replays, limitEnforcement])
        },
      }
    },
  }
}

/** The event side of a process that is alone. */
export function createSingleProcessIngestion(options: IngestionAssemblyOptions): IngestionAssembly {
  const stopped = new AbortController()
  const store = createEventStore(options.store, { clock: options.clock, yielder: options.yielder })
  const {
    ingestion,
    deferredConsumers: lanes,
    consumeStream: takeStream,
  } = assembleIngestion(options, { store, signal: stopped.signal })
  let source: NatsEventSource | undefined
  return {
    ingestion,
    async start() {
      await store.open()
      await ensureDeferredStream(await options.connection.jetstreamManager(), options.config.streamLimits)
      ingestion.start()
      ;({ source } = await takeStream())
      void lanes.run()
      const { metrics } = options
      metrics.clusterMembers.set(1)
      metrics.partitionsHeld.set(PARTITION_COUNT)
    },
    async stop(deadline) {
      stopped.abort()
      await ingestion.stop(deadline)
    },
    isBound: () => source?.isBound() ?? false,
    isLeader: () => source !== undefined,
    isLocal: () => true,
  }
}

/** The same store; the versions of the tenants whose rows it stores move. Also when that fails: nobody knows then what is stored. */
function withVersionTracking(
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
        const changedTenants: string[] = []
        for (const { tenant_id } of rows) if (tenant_id !== changedTenants.at(-1)) changedTenants.push(tenant_id)
        for (const tenantId of changedTenants) versions.advance(tenantId)
        onMoved(changedTenants)
      }
    },
  }
}

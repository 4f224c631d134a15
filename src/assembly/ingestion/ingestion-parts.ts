/**
 * The parts of ingestion that a single process and a member of a cluster have in common: ingestion itself, its sinks on the broker, and the consumers of deferred events.
 */
import type { NatsConnection } from 'nats'
import type { Clock } from '../../base/clock.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { Store } from '../../clickhouse/connection/store-connection.ts'
import type { FilterState } from '../../clickhouse/filter/complete-filter.ts'
import type { Config } from '../../config.ts'
import type { DataVersions } from '../../http/cache/data-versions.ts'
import { ingestLimits } from '../../ingest/accounting/in-flight-budget.ts'
import { Ingestion, type IngestionOptions } from '../../ingest/ingestion.ts'
import type { EventStore } from '../../ingest/ports.ts'
import { Quotas } from '../../ingest/quotas.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { ConsumerLimits } from '../../nats/consumer/consumer-config.ts'
import { DeadLetterStream } from '../../nats/dead-letters/dead-letter-stream.ts'
import { DeferredConsumers } from '../../nats/deferred/deferred-consumers.ts'
import { DeferredStream } from '../../nats/deferred/deferred-stream.ts'

export const BYTES_PER_MB = 1_048_576

export interface IngestionAssembly {
  /** The current ingestion; a process that rejoins its cluster has a new one. */
  readonly ingestion: Ingestion
  /** Starts to consume. Rejects when that is not possible yet; the call may be repeated then. */
  start(): Promise<void>
  /** Stops consuming and stores what is buffered. Events that are not settled when `deadline` aborts are delivered again. */
  stop(deadline: AbortSignal): Promise<void>
  /** Whether the consumers of this process are bound. */
  isBound(): boolean
  /** Whether this process does the work that only one process may do. */
  isLeader(): boolean
  /** Whether this process stores the events of the tenant. */
  isLocal(tenantId: string): boolean
  /** Calculates the facts of messages again whose events were erased, for the tenants of this process. Returns whether there were any. Rejects with a StoreFailure. */
  recalculateMessages(): Promise<boolean>
  /** The state of the filter of stored ids; undefined without one. */
  filterState(): FilterState | undefined
}

export interface IngestionAssemblyOptions {
  readonly config: Config
  readonly connection: NatsConnection
  readonly store: Store
  readonly versions: DataVersions
  readonly live: LiveHub
  /** Called when the versions of the facts of messages, or their progress, have changed. */
  readonly onFactsChanged: () => void
  readonly yielder: EventLoopYielder
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
}

export interface IngestionParts {
  readonly ingestion: Ingestion
  readonly deferredConsumers: DeferredConsumers
  readonly consumerLimits: ConsumerLimits
}

export interface IngestionSetup extends Pick<IngestionOptions, 'cluster' | 'onFenced'> {
  readonly store: EventStore
  /** Whether this process stores the events of a tenant; true by default. */
  readonly isLocal?: (tenantId: string) => boolean
  /** Ends the consumers of deferred events. */
  readonly signal: AbortSignal
  /** The stored events of these tenants have changed. */
  readonly onVersionsChanged?: (tenantIds: readonly string[]) => void
}

/** Builds the parts. Ingestion consumes no source yet. */
export function assembleIngestion(
  { config, connection, versions, live, yielder, clock, logger, metrics }: IngestionAssemblyOptions,
  { store, signal, cluster, isLocal = () => true, onFenced, onVersionsChanged = () => {} }: IngestionSetup,
): IngestionParts {
  const { ingestMemoryMb, bufferSize, flushIntervalMs, circuitBreakerWindowEvents } = config
  const deferredSink = new DeferredStream(connection)
  const deadLetters = new DeadLetterStream(connection)
  const quotas = new Quotas({ eventsPerSecond: config.tenantEventsPerSecond, byTenant: config.tenantQuotas, clock })
  const limits = ingestLimits(ingestMemoryMb * BYTES_PER_MB, flushIntervalMs, connection.info?.max_payload ?? 0)
  const consumerLimits = { maxAckPending: limits.maxEvents, ackWaitMs: limits.ackWaitMs }
  const ingestion = new Ingestion({
    store: withVersionTracking(store, versions, onVersionsChanged),
    deadLetters,
    quotas,
    deferredSink,
    cluster,
    bufferSize,
    flushIntervalMs,
    limits,
    circuitBreakerWindowEvents,
    observer: live.coordinator,
    yielder,
    onFenced,
    clock,
    logger,
    metrics,
  })
  const deferredConsumers = new DeferredConsumers({
    connection,
    limits: consumerLimits,
    streamLimits: config.streamLimits,
    deadLetters,
    clock,
    logger,
    signal,
    isLocal,
    consume: (source, tenantId) => ingestion.consume(source, { isLive: false, deferredTenant: tenantId }),
    onDeferred: (tenantId, isDeferred) => quotas.setDeferred(tenantId, isDeferred),
    onPending(count, isFull) {
      metrics.deferredEvents.set(count)
      deferredSink.isFull = isFull
    },
  })
  return { ingestion, deferredConsumers, consumerLimits }
}

/** The same store; a write of events, or of the facts of their messages, advances the data versions of its tenants. A failed one does so too, as its outcome is unknown. */
function withVersionTracking(
  store: EventStore,
  versions: DataVersions,
  onVersionsChanged: (tenantIds: readonly string[]) => void,
): EventStore {
  const advance = (tenantIds: readonly string[]) => {
    for (const tenantId of tenantIds) versions.advance(tenantId)
    onVersionsChanged(tenantIds)
  }
  return {
    ...store,
    async insertRows(events, rows) {
      try {
        await store.insertRows(events, rows)
      } finally {
        advance(events.tenantIds)
      }
    },
    async addToMessages(events, inserted, repeated) {
      try {
        await store.addToMessages(events, inserted, repeated)
      } finally {
        advance(events.tenantIds)
      }
    },
  }
}

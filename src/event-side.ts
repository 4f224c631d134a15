/**
 * The event side of the service, built from its parts: the sources on the broker, the ingestion between, the store behind. Part of the composition root.
 */
import type { NatsConnection } from 'nats'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { DataVersions } from './data-versions.ts'
import { ingestLimits } from './ingest/budget.ts'
import { Ingestion } from './ingest/ingestion.ts'
import { Quotas } from './ingest/quotas.ts'
import type { CommitObserver, EventStore } from './ingest/ports.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { DeadLetterStream } from './nats/dead-letter-stream.ts'
import { DelayedLanes } from './nats/delayed-lanes.ts'
import { DelayedStream, ensureDelayedStream } from './nats/delayed-stream.ts'
import { livePlan, NatsEventSource } from './nats/event-source.ts'
import { watchReplays } from './nats/replay.ts'
import type { Turns } from './turns.ts'

const BYTES_A_MB = 1_048_576

export interface EventSide {
  readonly ingestion: Ingestion
  /** Takes what the stream delivers. Rejects when the consumer cannot be bound now: then it may be called again. */
  start(): Promise<void>
  /** Takes nothing more, stores what is held; what `deadline` (an abort) leaves over is delivered again. */
  stop(deadline: AbortSignal): Promise<void>
  isBound(): boolean
}

export interface EventSideOptions {
  readonly config: Config
  readonly connection: NatsConnection
  readonly store: EventStore
  readonly versions: DataVersions
  readonly observer: CommitObserver
  readonly turns: Turns
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export function assembleEventSide({ config, connection, store, versions, ...shared }: EventSideOptions): EventSide {
  const { clock, logger } = shared
  const { natsStream, natsConsumer, ingestMemoryMb, bufferSize, flushIntervalMs, breakerEvents } = config
  const { tenantEventsPerSecond, tenantQuotas } = config
  const quotas = new Quotas({ eventsPerSecond: tenantEventsPerSecond, byTenant: tenantQuotas, clock })
  const limits = ingestLimits(ingestMemoryMb * BYTES_A_MB, flushIntervalMs, connection.info?.max_payload ?? 0)
  const consumerLimits = { maxAckPending: limits.maxEvents, ackWaitMs: limits.ackWaitMs }
  const source = new NatsEventSource({
    clock,
    logger,
    connection,
    durable: natsConsumer,
    plan: livePlan({ connection, stream: natsStream, durable: natsConsumer, limits: consumerLimits, logger }),
  })
  const ingestion = new Ingestion({
    ...shared,
    store: moving(versions, store),
    deadLetters: new DeadLetterStream(connection),
    quotas,
    delayed: new DelayedStream(connection),
    bufferSize,
    flushIntervalMs,
    limits,
    breakerEvents,
  })
  const stopped = new AbortController()
  const lanes = new DelayedLanes({
    connection,
    limits: consumerLimits,
    clock,
    logger,
    signal: stopped.signal,
    take: (lane, tenantId) => ingestion.take(lane, { isLive: false, laneOf: tenantId }),
    onDelayed: (tenantId, isDelayed) => quotas.setDelayed(tenantId, isDelayed),
    onWaiting: (count) => shared.metrics.delayedEvents.set(count),
  })
  return {
    ingestion,
    async start() {
      await ensureDelayedStream(await connection.jetstreamManager())
      ingestion.start()
      await ingestion.take(source)
      void lanes.run()
      void watchReplays({
        connection,
        stream: natsStream,
        durable: natsConsumer,
        clock,
        logger,
        signal: stopped.signal,
        take: (replay) => ingestion.take(replay, { isLive: false }),
      })
    },
    async stop(deadline) {
      stopped.abort()
      await ingestion.stop(deadline)
    },
    isBound: () => source.isBound(),
  }
}

/** The same store; the versions of the tenants whose rows it stores move. Also when that fails: nobody knows then what is stored. */
function moving(versions: DataVersions, store: EventStore): EventStore {
  return {
    ...store,
    async insertRows(rows) {
      try {
        await store.insertRows(rows)
      } finally {
        // A block holds a tenant's rows one after the other.
        let last: string | undefined
        for (const { tenant_id } of rows) if (tenant_id !== last) versions.move((last = tenant_id))
      }
    },
  }
}

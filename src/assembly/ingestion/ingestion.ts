/**
 * The ingestion of a single process: it consumes the event stream, and stores the events of every tenant.
 */
import { ONE_PARTITION } from '../../clickhouse/facts/versions/partition-progress.ts'
import { createEventStore } from '../../clickhouse/write/event-store.ts'
import { ensureDeferredStream } from '../../nats/deferred/deferred-stream.ts'
import { createFactsKeeper } from '../facts-keeping.ts'
import {
  assembleIngestion,
  BYTES_PER_MB,
  type IngestionAssembly,
  type IngestionAssemblyOptions,
} from './ingestion-parts.ts'
import { setSingleProcessGauges } from './single-process-gauges.ts'
import { consumeEventStream, type StreamConsumption } from './stream-consumption.ts'

export function createIngestion(options: IngestionAssemblyOptions): IngestionAssembly {
  const { config, connection, clock, versions, yielder, metrics } = options
  const stopped = new AbortController()
  const { signal } = stopped
  const store = createEventStore(options.store, {
    clock,
    yielder,
    classRules: config.classRules,
    idFilter: { maxBytes: config.idFilterMemoryMb * BYTES_PER_MB, signal },
  })
  const keeper = createFactsKeeper(options, store, { partitions: ONE_PARTITION, isLeader: () => true })
  const { ingestion, deferredConsumers, consumerLimits } = assembleIngestion(options, { store, signal })
  let consumption: StreamConsumption | undefined
  return {
    ingestion,
    async start() {
      await store.open()
      await keeper.take(0)
      keeper.start()
      await ensureDeferredStream(await connection.jetstreamManager(), config.streamLimits)
      ingestion.start()
      consumption = await consumeEventStream(options, { ingestion, consumerLimits, signal })
      void deferredConsumers.run()
      setSingleProcessGauges(metrics)
    },
    async stop(deadline) {
      stopped.abort()
      await ingestion.stop(deadline)
      await keeper.stop(deadline)
      await store.close(deadline)
    },
    isBound: () => consumption?.source.isBound() ?? false,
    isLeader: () => consumption !== undefined,
    isLocal: () => true,
    async recalculateMessages() {
      const tenants = await store.recalculateMessages(() => true)
      for (const tenantId of tenants) versions.advance(tenantId)
      return tenants.length > 0
    },
    filterState: () => store.filterState(),
  }
}

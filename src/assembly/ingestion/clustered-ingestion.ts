/**
 * The ingestion of a process that shares the work with others. When other members have removed it as failed, it stops everything and rejoins the cluster with a new id.
 */
import { whenAborted } from '../../base/clock.ts'
import type { FilterState } from '../../clickhouse/filter/complete-filter.ts'
import type { IngestionAssembly, IngestionAssemblyOptions } from './ingestion-parts.ts'
import type { Ingestion } from '../../ingest/ingestion.ts'
import { ensureDeferredStream } from '../../nats/deferred/deferred-stream.ts'
import { ensurePartitionStream } from '../../nats/partitions/partition-stream.ts'
import { consumerInfo, refusePushConsumer } from '../../nats/consumer-info.ts'
import { ensureEventStream } from '../../nats/event-stream.ts'
import { ClusterWorker } from './cluster-worker.ts'

export class ClusteredIngestion implements IngestionAssembly {
  readonly #options: IngestionAssemblyOptions
  readonly #stopping = new AbortController()
  #worker: ClusterWorker
  #running: Promise<void> | undefined

  constructor(options: IngestionAssemblyOptions) {
    this.#options = options
    this.#worker = new ClusterWorker(options)
  }

  get ingestion(): Ingestion {
    return this.#worker.ingestion
  }

  async start(): Promise<void> {
    const { config, connection, logger } = this.#options
    const jsm = await connection.jetstreamManager()
    await ensureDeferredStream(jsm, config.streamLimits)
    await ensurePartitionStream(jsm)
    // Every process ensures the stream, so that none is ready before it exists.
    const stream = await ensureEventStream(jsm, config.natsStream, logger, config.streamLimits)
    // No leader could use a push consumer.
    const consumer = await consumerInfo(jsm, stream.config.name, config.natsConsumer)
    if (consumer) refusePushConsumer(consumer)
    this.#running ??= this.#run()
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort()
    await Promise.race([this.#running, whenAborted(deadline)])
    await this.#worker.close(deadline)
  }

  isBound(): boolean {
    return this.#worker.isBound()
  }

  isLeader(): boolean {
    return this.#worker.isLeader()
  }

  isLocal(tenantId: string): boolean {
    return this.#worker.isLocal(tenantId)
  }

  recalculateMessages(): Promise<boolean> {
    return this.#worker.recalculateMessages()
  }

  filterState(): FilterState | undefined {
    return this.#worker.filterState()
  }

  async #run(): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#stopping
    while ((await this.#worker.run(signal)) === 'removed' && !signal.aborted) {
      logger.warn('lost cluster membership; rejoining', { member: this.#worker.id })
      await this.#worker.close(AbortSignal.abort())
      this.#worker = new ClusterWorker(this.#options)
    }
  }
}

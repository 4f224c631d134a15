/**
 * The event side of one process among several that share an environment's work. It takes part until others take it for dead; then it lets go of all it held and takes part
 * anew, under another name.
 */
import { whenAborted } from '../base/clock.ts'
import type { IngestionAssembly, IngestionAssemblyOptions } from './ingestion-assembly.ts'
import type { Ingestion } from '../ingest/ingestion.ts'
import { ensureDeferredStream } from '../nats/deferred/deferred-stream.ts'
import { ensurePartitionStream } from '../nats/partitions/partition-stream.ts'
import { consumerInfo, ensureEventStream, refusePushConsumer } from '../nats/topology.ts'
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
    // By each of them: whoever is ready must not be so before there is one.
    const stream = await ensureEventStream(jsm, config.natsStream, logger, config.streamLimits)
    // Whichever of them leads could not use it.
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

  async #run(): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#stopping
    while ((await this.#worker.run(signal)) === 'removed' && !signal.aborted) {
      logger.warn('others have taken this process for dead; it begins anew', { member: this.#worker.id })
      await this.#worker.close(AbortSignal.abort())
      this.#worker = new ClusterWorker(this.#options)
    }
  }
}

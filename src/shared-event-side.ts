/**
 * The event side of one process among several that share an environment's work. It takes part until others take it for dead; then it lets go of all it held and takes part
 * anew, under another name.
 */
import { aborted } from './clock.ts'
import type { EventSide, EventSideOptions } from './event-side.ts'
import type { Ingestion } from './ingest/ingestion.ts'
import { ensureDelayedStream } from './nats/delayed-stream.ts'
import { ensurePartitionStream } from './nats/partition-stream.ts'
import { consumerInfo, ensureEventStream, refusePushConsumer } from './nats/topology.ts'
import { Shift } from './shift.ts'

export class SharedEventSide implements EventSide {
  readonly #options: EventSideOptions
  readonly #stopping = new AbortController()
  #shift: Shift
  #running: Promise<void> | undefined

  constructor(options: EventSideOptions) {
    this.#options = options
    this.#shift = new Shift(options)
  }

  get ingestion(): Ingestion {
    return this.#shift.ingestion
  }

  async start(): Promise<void> {
    const { config, connection, logger } = this.#options
    const jsm = await connection.jetstreamManager()
    await ensureDelayedStream(jsm, config.streamLimits)
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
    await Promise.race([this.#running, aborted(deadline)])
    await this.#shift.end(deadline)
  }

  isBound(): boolean {
    return this.#shift.isBound()
  }

  isLeading(): boolean {
    return this.#shift.isRouting()
  }

  isOurs(tenantId: string): boolean {
    return this.#shift.isOurs(tenantId)
  }

  async #run(): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#stopping
    while ((await this.#shift.run(signal)) === 'removed' && !signal.aborted) {
      logger.warn('others have taken this process for dead; it begins anew', { member: this.#shift.id })
      await this.#shift.end(AbortSignal.abort())
      this.#shift = new Shift(this.#options)
    }
  }
}

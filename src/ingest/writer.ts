/**
 * Group commit: what all due actors hold comes in, as few and as large atomic blocks as possible go to the store, and only then is anything settled.
 */
import { aborted, backoffMs, type Clock, sleep } from '../clock.ts'
import { messageOf, StoreFailure } from '../errors.ts'
import type { NameObservation } from '../events/row.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { findMissing } from './deduplicator.ts'
import type { EventStore } from './ports.ts'
import type { BufferedEvent } from './tenant-actor.ts'

/** One insert holds at most so many rows: the store then writes it as one part. */
const MAX_BATCH_ROWS = 25_000
/** Small commits start at least so far apart, or a busy tenant would make dozens of tiny parts a second. */
const MIN_COMMIT_INTERVAL_MS = 200
/** So many waiting rows are worth a commit at once. */
const FULL_BATCH_ROWS = 5_000

/** Where the writer gets its batches. */
export interface BatchSource {
  readonly dueCount: number
  take(limit: number): BufferedEvent[]
}

export interface WriterOptions {
  readonly source: BatchSource
  readonly store: EventStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly onSettled: (batch: readonly BufferedEvent[]) => void
  readonly onRejected: (event: BufferedEvent) => void
}

export class Writer {
  readonly #options: WriterOptions
  readonly #aborted = new AbortController()
  #isStopping = false
  #wake: () => void = () => {}
  #isSignalled = false
  #running: Promise<void> | undefined
  #lastCommitAt = 0

  constructor(options: WriterOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Something is due. */
  signal(): void {
    this.#isSignalled = true
    this.#wake()
  }

  /** Writes what is due, then stops; gives up at once when `deadline` aborts: what is not settled then is delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    deadline.addEventListener('abort', () => this.#aborted.abort())
    if (deadline.aborted) this.#aborted.abort()
    this.#isStopping = true
    this.signal()
    // A store that never answers must not hold the process beyond its deadline.
    await Promise.race([this.#running, aborted(this.#aborted.signal)])
  }

  async #run(): Promise<void> {
    const { source, clock } = this.#options
    while (!this.#aborted.signal.aborted) {
      if (source.dueCount === 0) {
        if (this.#isStopping) return
        await this.#signalled()
        continue
      }
      const waitMs = this.#lastCommitAt + MIN_COMMIT_INTERVAL_MS - clock.now()
      if (waitMs > 0 && source.dueCount < FULL_BATCH_ROWS && !this.#isStopping) {
        await Promise.race([sleep(clock, waitMs, this.#aborted.signal), this.#signalled()])
        continue
      }
      this.#lastCommitAt = clock.now()
      for (const block of this.#blocks(source.take(MAX_BATCH_ROWS))) await this.#commit(block)
    }
  }

  #signalled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#isSignalled = false
        resolve()
      }
      if (this.#isSignalled) this.#wake()
    })
  }

  /** Splits a batch by the store's partitions: an insert over two is not atomic. */
  #blocks(batch: readonly BufferedEvent[]): Iterable<BufferedEvent[]> {
    const blocks = new Map<number, BufferedEvent[]>()
    for (const event of batch) {
      const partition = this.#options.store.partitionOf(event.row.occurred_at)
      const block = blocks.get(partition)
      if (block) block.push(event)
      else blocks.set(partition, [event])
    }
    return blocks.values()
  }

  /** Stores one block, for as long as it takes. Every try looks first what is stored: after a failure nobody knows. */
  async #commit(block: readonly BufferedEvent[]): Promise<void> {
    const { store, clock, logger, metrics, onSettled } = this.#options
    const startedAt = clock.now()
    // Kept from try to try: a row that is on its way to the dead letters must not be sent there, and settled, twice.
    const refused = new Set<BufferedEvent>()
    for (let attempt = 0; !this.#aborted.signal.aborted; attempt++) {
      try {
        if (attempt > 0) await store.fence()
        const { missing, duplicateCount } = await findMissing(
          store,
          block.filter((event) => !refused.has(event)),
        )
        const refusedBefore = refused.size
        if (missing.length > 0) await this.#insert(missing, refused)
        // Another event of a refused id was passed over as its repeat; with another payload it may be stored.
        if (refused.size > refusedBefore && hasOthersOf(refused, block)) continue
        // A refused event settles with its dead letter, not before.
        onSettled(refused.size === 0 ? block : block.filter((event) => !refused.has(event)))
        const stored = refused.size === 0 ? missing : missing.filter((event) => !refused.has(event))
        const now = clock.now()
        metrics.eventsDuplicate.add(duplicateCount)
        metrics.flushSize.observe(block.length)
        metrics.flushSeconds.observe((now - startedAt) / 1000)
        if (stored.length > 0) this.#report(stored, now)
        return
      } catch (error) {
        metrics.storeRetries.add(1)
        const engineCode = error instanceof StoreFailure ? error.engineCode : undefined
        logger.error('a batch could not be stored and is tried again', {
          batchSize: block.length,
          attempt,
          engineCode,
          error: messageOf(error),
        })
        await sleep(clock, backoffMs(attempt), this.#aborted.signal)
      }
    }
  }

  /** Inserts events that are not stored yet. A row that the store refuses is found by halving, goes to the dead letters and is added to `refused`. */
  async #insert(events: readonly BufferedEvent[], refused: Set<BufferedEvent>): Promise<void> {
    const { store, onRejected } = this.#options
    try {
      // Names first: a crash in between then leaves a name too many, which the repeat makes right, and never one too few.
      const names = newestNames(events)
      if (names.length > 0) await store.rememberNames(names)
      await store.insertRows(events.map(({ row }) => row))
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.kind !== 'rejected') throw error
      if (events.length === 1) {
        refused.add(events[0]!)
        onRejected(events[0]!)
        return
      }
      const middle = events.length >> 1
      await this.#insert(events.slice(0, middle), refused)
      await this.#insert(events.slice(middle), refused)
    }
  }

  #report(stored: readonly BufferedEvent[], now: number): void {
    const { logger, metrics } = this.#options
    const eventTypes = new Set<string>()
    const tenants = new Set<string>()
    for (const { row, delivery } of stored) {
      eventTypes.add(row.event_type)
      tenants.add(row.tenant_id)
      metrics.eventToQueryableSeconds.observe((now - delivery.publishedAt) / 1000)
    }
    metrics.eventsStored.add(stored.length)
    const tenantId = tenants.size === 1 ? stored[0]!.row.tenant_id : 'multi'
    logger.info('[INGEST] analytics events batch', { tenantId, batchSize: stored.length, eventTypes: [...eventTypes] })
  }
}

/** The newest observation of each entity, ties by the greater name, as the store decides them too. */
function newestNames(events: readonly BufferedEvent[]): NameObservation[] {
  const newest = new Map<string, NameObservation>()
  for (const { names } of events)
    for (const seen of names) {
      const key = `${seen.tenant_id}/${seen.kind}/${seen.id}`
      const known = newest.get(key)
      if (
        !known ||
        seen.occurred_at > known.occurred_at ||
        (seen.occurred_at === known.occurred_at && seen.name > known.name)
      )
        newest.set(key, seen)
    }
  return [...newest.values()]
}

/** Whether the block has further events with the id of a refused one. */
function hasOthersOf(refused: ReadonlySet<BufferedEvent>, block: readonly BufferedEvent[]): boolean {
  const ids = new Set<string>()
  for (const { row } of refused) ids.add(row.id)
  return block.some((event) => !refused.has(event) && ids.has(event.row.id))
}

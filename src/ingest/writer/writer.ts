/**
 * Group commit: takes batches from the buffer, gives the store as few and as large atomic blocks as possible, and settles their events after that. While one block is
 * inserted, the ids of the next one are looked up.
 */
import { whenAborted, backoffMs, sleep } from '../../base/clock.ts'
import { Rejection } from '../../events/rejection.ts'
import type { LedgerAccount, InFlightVisitor } from '../accounting/ledger.ts'
import type { CommitObserver } from '../ports.ts'
import type { BufferedEvent, Reject, Settle } from '../stages.ts'
import { lookUpBlock, commitBlock, type CommitResult, type CommitOptions } from './block-commit.ts'
import { reportCommit, reportConflicts } from './commit-report.ts'
import { type DeduplicatedBlock, skipStored } from './deduplicator.ts'
import type { EventBuffer } from './event-buffer.ts'
import { NameCache } from './name-cache.ts'

/** The most rows of one insert: the store writes them as one part, and a batch stays below a tenth of the memory for ingestion. */
const MAX_BATCH_ROWS = 25_000
/** The shortest time between two commits, unless a full batch waits: each commit creates a part, and parts have to be merged. */
const MIN_COMMIT_INTERVAL_MS = 250

/** A failure after this time without one starts the backoff from the beginning. */
const FAILURE_RESET_MS = 60_000

export interface WriterOptions extends Omit<CommitOptions, 'signal' | 'nameCache' | 'onRejected'> {
  readonly buffer: EventBuffer
  readonly settle: Settle
  readonly reject: Reject
  readonly observer?: CommitObserver | undefined
}

export class Writer {
  readonly #options: WriterOptions
  readonly #aborted = new AbortController()
  readonly #commitOptions: CommitOptions
  /** Blocks that were taken and are not settled. */
  readonly #blocks = new Set<readonly BufferedEvent[]>()
  /** Events that the store refused are in flight in the dead letters, also while the rest of their block is retried. */
  readonly #rejected = new WeakSet<BufferedEvent>()
  #isStopping = false
  #wake: () => void = () => {}
  #running: Promise<void> | undefined
  /** The commit in progress. */
  #committing: Promise<CommitResult | undefined> | undefined
  /** The error of a commit, until the loop handles it. */
  #failure: { readonly error: unknown } | undefined
  #lastCommitAt = -Infinity

  constructor(options: WriterOptions) {
    this.#options = options
    this.#commitOptions = {
      ...options,
      nameCache: new NameCache(),
      signal: this.#aborted.signal,
      onRejected: (event) => {
        this.#rejected.add(event)
        options.reject(event, new Rejection('store_rejected'))
      },
    }
    options.buffer.onFlushDue(() => this.#wake())
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Writes what is due, then stops. Gives up at once when `deadline` aborts: events that are not settled then are delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    deadline.addEventListener('abort', () => this.#aborted.abort())
    if (deadline.aborted) this.#aborted.abort()
    this.#isStopping = true
    this.#wake()
    // A store that never responds must not keep the process alive beyond its deadline.
    await Promise.race([this.#running, whenAborted(this.#aborted.signal)])
  }

  forEachInFlight(visit: InFlightVisitor): void {
    // By runs of one account, as a block holds the events of a tenant one after the other: metrics and readiness call this often.
    for (const block of this.#blocks) {
      let run: { account: LedgerAccount; count: number } | undefined
      for (const event of block) {
        if (!this.#isInFlight(event)) continue
        if (run?.account === event.account) run.count++
        else {
          if (run) visit(run.account, run.count)
          run = { account: event.account, count: 1 }
        }
      }
      if (run) visit(run.account, run.count)
    }
  }

  /** Runs the loop until the writer is stopped. After an unexpected error the loop restarts with the blocks that are not settled: the lookup finds which of their events are stored. */
  async #run(): Promise<void> {
    const { clock, report } = this.#options
    const { signal } = this.#aborted
    for (let attempt = 0; !signal.aborted; attempt++) {
      const startedAt = clock.monotonic()
      try {
        return await this.#runLoop()
      } catch (error) {
        if (clock.monotonic() - startedAt > FAILURE_RESET_MS) attempt = 0
        report('ingestion', error, { part: 'writer', attempt })
        await sleep(clock, backoffMs(attempt), signal)
        await this.#committing?.catch(() => {})
        this.#failure = undefined
      }
    }
  }

  async #runLoop(): Promise<void> {
    const { buffer, clock } = this.#options
    const { signal } = this.#aborted
    const inFlight = [...this.#blocks].flat().filter((event) => this.#isInFlight(event))
    this.#blocks.clear()
    if (inFlight.length > 0) await this.#write(inFlight)
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure.error
      if (!buffer.isFlushDue) {
        if (this.#isStopping) break
        await this.#nextNotification()
        continue
      }
      const waitMs = this.#lastCommitAt + MIN_COMMIT_INTERVAL_MS - clock.monotonic()
      if (waitMs > 0 && buffer.size < MAX_BATCH_ROWS && !this.#isStopping) {
        await Promise.race([sleep(clock, waitMs, signal), this.#nextNotification()])
        continue
      }
      this.#lastCommitAt = clock.monotonic()
      await this.#write(buffer.take(MAX_BATCH_ROWS))
    }
    await this.#committing
  }

  async #write(batch: readonly BufferedEvent[]): Promise<void> {
    this.#blocks.add(batch)
    const blocks = [...this.#splitByPartition(batch)]
    this.#blocks.delete(batch)
    for (const block of blocks) this.#blocks.add(block)
    await this.#options.yielder?.yieldIfBusy()
    for (const block of blocks) await this.#lookUpAndCommit(block)
  }

  #isInFlight(event: BufferedEvent): boolean {
    return !event.pending.isSettled && !this.#rejected.has(event)
  }

  #nextNotification(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Splits a batch by the partitions of the store: an insert into two partitions is not atomic. */
  #splitByPartition(batch: readonly BufferedEvent[]): Iterable<BufferedEvent[]> {
    const blocks = new Map<number, BufferedEvent[]>()
    for (const event of batch) {
      const partition = this.#options.store.storePartitionOf(event.row.occurred_at)
      const block = blocks.get(partition)
      if (block) block.push(event)
      else blocks.set(partition, [event])
    }
    return blocks.values()
  }

  /** Looks up a block while the one before is inserted. Resolves as soon as the insert of this block has begun. */
  async #lookUpAndCommit(block: readonly BufferedEvent[]): Promise<void> {
    const previousCommit = this.#committing
    let checked = await lookUpBlock(block, this.#commitOptions)
    const previous = await previousCommit
    // The lookup may have preceded the rows of the other block; after a failed attempt it may be out of date.
    if (checked && previous?.hadFailedAttempt) checked = await lookUpBlock(block, this.#commitOptions)
    if (!checked) return
    if (previous) skipStored(checked, previous.stored)
    const committing = this.#commit(checked).finally(() => {
      if (this.#committing === committing) this.#committing = undefined
    })
    this.#committing = committing
    // The loop may be waiting for a notification.
    committing.catch((error: unknown) => {
      this.#failure = { error }
      this.#wake()
    })
  }

  /** An error of the live event counts must not fail ingestion. */
  async #notifyObserver(task: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await task()
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'live' })
    }
  }

  async #commit(checked: DeduplicatedBlock): Promise<CommitResult | undefined> {
    const { clock, metrics, yielder, observer, settle } = this.#options
    const startedAt = clock.monotonic()
    await this.#notifyObserver(() => observer?.begin(checked.block))
    const committed = await commitBlock(checked, this.#commitOptions)
    if (!committed) return undefined
    await yielder?.yieldIfBusy()
    const { stored, duplicates, conflicts } = committed
    metrics.flushSize.observe(checked.block.length)
    metrics.flushSeconds.observe((clock.monotonic() - startedAt) / 1000)
    reportConflicts(conflicts, this.#options)
    try {
      settle(stored.values(), 'stored')
    } finally {
      void this.#notifyObserver(() => observer?.end(stored.values()))
    }
    settle(duplicates, 'duplicate')
    this.#blocks.delete(checked.block)
    await yielder?.yieldIfBusy()
    reportCommit(stored, clock.now(), this.#options)
    return committed
  }
}

/**
 * Group commit: takes blocks from the buffer, has the store insert each as one atomic block, and settles its events after that. While one block is
 * inserted, the ids of the next one are looked up.
 */
import { whenAborted, backoffMs, sleep } from '../../base/clock.ts'
import { Rejection } from '../../events/rejection.ts'
import type { RowIndexes } from '../../events/block/event-block.ts'
import type { InFlightVisitor } from '../accounting/ledger.ts'
import type { CommitObserver } from '../ports.ts'
import type { BufferedBlock, Reject, Settle } from '../stages.ts'
import { lookUpBlock, commitBlock, type CommitResult, type CommitOptions } from './block-commit.ts'
import { reportCommit, reportConflicts } from './commit-report.ts'
import { type DeduplicatedBlock, skipStored } from './deduplicator.ts'
import { type EventBuffer, visitRuns } from './event-buffer.ts'
import { NameCache } from './name-cache.ts'

/** The shortest time between the commits of two flushes, unless a full block waits: each commit creates a part, and parts have to be merged. */
const MIN_COMMIT_INTERVAL_MS = 250

/** The same while a backlog is read, whose events are late anyway: blocks become full, and each insert, with its projections and merges, serves more events. */
const BACKLOG_COMMIT_INTERVAL_MS = 1_000

/** A failure after this time without one starts the backoff from the beginning. */
const FAILURE_RESET_MS = 60_000

export interface WriterOptions extends Omit<CommitOptions, 'signal' | 'nameCache' | 'onRejected'> {
  readonly buffer: EventBuffer
  readonly settle: Settle
  readonly reject: Reject
  readonly observer?: CommitObserver | undefined
  /** Whether so many messages wait at the broker that blocks become full soon. */
  readonly hasBacklog?: (() => boolean) | undefined
}

export class Writer {
  readonly #options: WriterOptions
  readonly #aborted = new AbortController()
  readonly #commitOptions: CommitOptions
  /** Blocks that were taken and are not settled. */
  readonly #blocks = new Set<BufferedBlock>()
  #isStopping = false
  #wake: () => void = () => {}
  #running: Promise<void> | undefined
  /** The commit in progress. */
  #committing: Promise<CommitResult | undefined> | undefined
  /** The commit that the lookup in progress, or the last one, is compared with: that takes care of its block. */
  #compared: Promise<CommitResult | undefined> | undefined
  /** The error of a commit, until the loop handles it. */
  #failure: { readonly error: unknown } | undefined
  #lastCommitAt = -Infinity

  constructor(options: WriterOptions) {
    this.#options = options
    this.#commitOptions = {
      ...options,
      nameCache: new NameCache(),
      signal: this.#aborted.signal,
      onRejected: (event) => options.reject(event, new Rejection('store_rejected')),
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
    for (const block of this.#blocks) visitRuns(block, visit, (row) => block.deliveries.isInFlight(row))
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
    const { buffer, clock, hasBacklog } = this.#options
    const { signal } = this.#aborted
    for (const block of [...this.#blocks]) {
      const rows = block.events.allRows().filter((row) => block.deliveries.isInFlight(row))
      if (rows.length > 0) await this.#lookUpAndCommit(block, rows)
      else this.#blocks.delete(block)
    }
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure.error
      if (!buffer.isFlushDue) {
        if (this.#isStopping) break
        await this.#nextNotification()
        continue
      }
      const intervalMs = hasBacklog?.() === true ? BACKLOG_COMMIT_INTERVAL_MS : MIN_COMMIT_INTERVAL_MS
      const waitMs = this.#lastCommitAt + intervalMs - clock.monotonic()
      if (waitMs > 0 && !buffer.isFull && !buffer.isFlushBegun && !this.#isStopping) {
        await Promise.race([sleep(clock, waitMs, signal), this.#nextNotification()])
        continue
      }
      if (!buffer.isFlushBegun) this.#lastCommitAt = clock.monotonic()
      await this.#write(buffer.take()!)
    }
    await this.#committing
  }

  async #write(block: BufferedBlock): Promise<void> {
    this.#blocks.add(block)
    await this.#options.yielder?.yieldIfBusy()
    await this.#lookUpAndCommit(block, block.events.allRows())
  }

  #nextNotification(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Looks up a block while the one before is inserted. Resolves as soon as the insert of this block has begun. */
  async #lookUpAndCommit(block: BufferedBlock, rows: RowIndexes): Promise<void> {
    const previousCommit = this.#committing
    this.#compared = previousCommit
    let checked = await lookUpBlock(block, rows, this.#commitOptions)
    const previous = await previousCommit
    // The lookup may have preceded the rows of the other block; after a failed attempt it may be out of date.
    if (checked && previous?.hadFailedAttempt) checked = await lookUpBlock(block, rows, this.#commitOptions)
    if (!checked) return
    if (previous) {
      skipStored(checked, previous)
      this.#options.buffer.recycle(previous.block)
    }
    const committing = this.#commit(checked, rows).finally(() => {
      if (this.#committing === committing) this.#committing = undefined
    })
    void committing.then(
      (committed) => committed && this.#compared !== committing && this.#options.buffer.recycle(committed.block),
      () => {},
    )
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

  async #commit(checked: DeduplicatedBlock, rows: RowIndexes): Promise<CommitResult | undefined> {
    const { clock, metrics, yielder, observer, settle } = this.#options
    const { block } = checked
    const startedAt = clock.monotonic()
    await this.#notifyObserver(() => observer?.begin(block.events))
    const committed = await commitBlock(checked, rows, this.#commitOptions)
    if (!committed) return undefined
    await yielder?.yieldIfBusy()
    const { stored, duplicates, conflicts } = committed
    metrics.flushSize.observe(rows.length)
    metrics.flushSeconds.observe((clock.monotonic() - startedAt) / 1000)
    reportConflicts(block, conflicts, this.#options)
    try {
      settle(block.deliveries.of(stored), 'stored')
    } finally {
      void this.#notifyObserver(() => observer?.end(block.events, stored))
    }
    settle(block.deliveries.of(duplicates), 'duplicate')
    this.#blocks.delete(block)
    await yielder?.yieldIfBusy()
    reportCommit(block, stored, clock.now(), this.#options)
    return committed
  }
}

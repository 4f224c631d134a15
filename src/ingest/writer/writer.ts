/**
 * Group commit: what the actors hold comes in, as few and as large atomic blocks as possible go to the store, and only then is anything settled. While one block is
 * inserted, the next is taken and looked up.
 */
import { whenAborted, backoffMs, sleep } from '../../base/clock.ts'
import { lookUpBlock, commitBlock, type CommitResult, type CommitOptions } from './block-commit.ts'
import { reportCommit, reportConflicts } from './commit-report.ts'
import { type DeduplicatedBlock, skipStored } from './deduplicator.ts'
import type { LedgerAccount, InFlightVisitor } from '../accounting/ledger.ts'
import { NameCache } from './name-cache.ts'
import type { CommitObserver } from '../ports.ts'
import type { BufferedEvent } from '../actors/tenant-actor.ts'

/** One insert holds at most so many rows: the store then writes it as one part, and a batch stays below a tenth of the memory for ingestion. */
const MAX_BATCH_ROWS = 25_000
/** Commits start at least so far apart, unless a full batch waits: each makes a part, and those have to be merged. */
const MIN_COMMIT_INTERVAL_MS = 250

/** A failure after so long without one is not the same again. */
const FAILURE_RESET_MS = 60_000

/** Where the writer gets its batches. */
export interface BatchSource {
  readonly isFlushDue: boolean
  readonly bufferedCount: number
  take(limit: number): BufferedEvent[]
}

export interface WriterOptions extends Omit<CommitOptions, 'signal' | 'names'> {
  readonly source: BatchSource
  readonly onStored: (events: Iterable<BufferedEvent>) => void
  readonly onDuplicate: (events: readonly BufferedEvent[]) => void
  readonly observer?: CommitObserver | undefined
}

export class Writer {
  readonly #options: WriterOptions
  readonly #aborted = new AbortController()
  readonly #commitOptions: CommitOptions
  /** Blocks that were taken and are not settled. */
  readonly #blocks = new Set<readonly BufferedEvent[]>()
  /** What the store refuses is held by the dead letters, also while its block is still tried. */
  readonly #rejected = new WeakSet<BufferedEvent>()
  #isStopping = false
  #wake: () => void = () => {}
  #running: Promise<void> | undefined
  /** The commit under way. */
  #committing: Promise<CommitResult | undefined> | undefined
  /** What a commit failed with, until the loop takes notice. */
  #failure: { readonly error: unknown } | undefined
  #lastCommitAt = -Infinity

  constructor(options: WriterOptions) {
    this.#options = options
    this.#commitOptions = {
      ...options,
      names: new NameCache(),
      signal: this.#aborted.signal,
      onRejected: (event) => {
        this.#rejected.add(event)
        options.onRejected(event)
      },
    }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Something is due. */
  notifyFlushDue(): void {
    this.#wake()
  }

  /** Writes what is due, then stops; gives up at once when `deadline` aborts: what is not settled then is delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    deadline.addEventListener('abort', () => this.#aborted.abort())
    if (deadline.aborted) this.#aborted.abort()
    this.#isStopping = true
    this.notifyFlushDue()
    // A store that never answers must not hold the process beyond its deadline.
    await Promise.race([this.#running, whenAborted(this.#aborted.signal)])
  }

  forEachInFlight(visit: InFlightVisitor): void {
    // In runs, as a block holds one tenant's events one after the other: this is asked whenever metrics or readiness are.
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

  /** Works until it is stopped. After an exception that nobody expected it begins anew, with what it holds: what of it is stored is found by the look. */
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
    const { source, clock } = this.#options
    const { signal } = this.#aborted
    const inFlight = [...this.#blocks].flat().filter((event) => this.#isInFlight(event))
    this.#blocks.clear()
    if (inFlight.length > 0) await this.#write(inFlight)
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure.error
      if (!source.isFlushDue) {
        if (this.#isStopping) break
        await this.#nextNotification()
        continue
      }
      const waitMs = this.#lastCommitAt + MIN_COMMIT_INTERVAL_MS - clock.monotonic()
      if (waitMs > 0 && source.bufferedCount < MAX_BATCH_ROWS && !this.#isStopping) {
        await Promise.race([sleep(clock, waitMs, signal), this.#nextNotification()])
        continue
      }
      this.#lastCommitAt = clock.monotonic()
      await this.#write(source.take(MAX_BATCH_ROWS))
    }
    await this.#committing
  }

  async #write(batch: readonly BufferedEvent[]): Promise<void> {
    this.#blocks.add(batch)
    const blocks = [...this.#splitByPartition(batch)]
    this.#blocks.delete(batch)
    for (const block of blocks) this.#blocks.add(block)
    await this.#options.turns?.yieldIfBusy()
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

  /** Splits a batch by the store's partitions: an insert over two is not atomic. */
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

  /** Looks a block up while the one before is inserted, and resolves as soon as its own insert has begun. */
  async #lookUpAndCommit(block: readonly BufferedEvent[]): Promise<void> {
    const previousCommit = this.#committing
    let checked = await lookUpBlock(block, this.#commitOptions)
    const previous = await previousCommit
    // The look may have come before the other block's rows; and after trouble it may be old.
    if (checked && previous?.hadFailedAttempt) checked = await lookUpBlock(block, this.#commitOptions)
    if (!checked) return
    if (previous) skipStored(checked, previous.stored)
    const committing = this.#commit(checked).finally(() => {
      if (this.#committing === committing) this.#committing = undefined
    })
    this.#committing = committing
    // The loop may wait for something to do.
    committing.catch((error: unknown) => {
      this.#failure = { error }
      this.#wake()
    })
  }

  /** Live streams must not fail ingestion. */
  async #notifyObserver(task: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await task()
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'live' })
    }
  }

  async #commit(checked: DeduplicatedBlock): Promise<CommitResult | undefined> {
    const { clock, metrics, turns, observer, onStored, onDuplicate } = this.#options
    const startedAt = clock.monotonic()
    await this.#notifyObserver(() => observer?.begin(checked.block))
    const committed = await commitBlock(checked, this.#commitOptions)
    if (!committed) return undefined
    await turns?.yieldIfBusy()
    const { stored, duplicates, conflicts } = committed
    metrics.flushSize.observe(checked.block.length)
    metrics.flushSeconds.observe((clock.monotonic() - startedAt) / 1000)
    reportConflicts(conflicts, this.#options)
    try {
      onStored(stored.values())
    } finally {
      void this.#notifyObserver(() => observer?.end(stored.values()))
    }
    onDuplicate(duplicates)
    this.#blocks.delete(checked.block)
    await turns?.yieldIfBusy()
    reportCommit(stored, clock.now(), this.#options)
    return committed
  }
}

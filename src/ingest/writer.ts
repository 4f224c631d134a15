/**
 * Group commit: what the actors hold comes in, as few and as large atomic blocks as possible go to the store, and only then is anything settled. While one block is
 * inserted, the next is taken and looked up.
 */
import { aborted, backoffMs, sleep } from '../clock.ts'
import { check, commit, type Committed, type CommitOptions } from './block-commit.ts'
import { reportCommit, reportConflicts } from './commit-report.ts'
import { type CheckedBlock, passOverStored } from './deduplicator.ts'
import type { Account, HeldVisitor } from './ledger.ts'
import { NameMemory } from './name-memory.ts'
import type { CommitObserver } from './ports.ts'
import type { BufferedEvent } from './tenant-actor.ts'

/** One insert holds at most so many rows: the store then writes it as one part, and a batch stays below a tenth of the memory for ingestion. */
const MAX_BATCH_ROWS = 25_000
/** Commits start at least so far apart, unless a full batch waits: each makes a part, and those have to be merged. */
const MIN_COMMIT_INTERVAL_MS = 250

/** A failure after so long without one is not the same again. */
const CALM_MS = 60_000

/** Where the writer gets its batches. */
export interface BatchSource {
  readonly isDue: boolean
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
  #committing: Promise<Committed | undefined> | undefined
  /** What a commit failed with, until the loop takes notice. */
  #failure: { readonly error: unknown } | undefined
  #lastCommitAt = -Infinity

  constructor(options: WriterOptions) {
    this.#options = options
    this.#commitOptions = {
      ...options,
      names: new NameMemory(),
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
  signal(): void {
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

  forEachHeld(visit: HeldVisitor): void {
    // In runs, as a block holds one tenant's events one after the other: this is asked whenever metrics or readiness are.
    for (const block of this.#blocks) {
      let run: { account: Account; count: number } | undefined
      for (const event of block) {
        if (!this.#isHeld(event)) continue
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
        return await this.#work()
      } catch (error) {
        if (clock.monotonic() - startedAt > CALM_MS) attempt = 0
        report('ingestion', error, { part: 'writer', attempt })
        await sleep(clock, backoffMs(attempt), signal)
        await this.#committing?.catch(() => {})
        this.#failure = undefined
      }
    }
  }

  async #work(): Promise<void> {
    const { source, clock } = this.#options
    const { signal } = this.#aborted
    const held = [...this.#blocks].flat().filter((event) => this.#isHeld(event))
    this.#blocks.clear()
    if (held.length > 0) await this.#write(held)
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure.error
      if (!source.isDue) {
        if (this.#isStopping) break
        await this.#signalled()
        continue
      }
      const waitMs = this.#lastCommitAt + MIN_COMMIT_INTERVAL_MS - clock.monotonic()
      if (waitMs > 0 && source.bufferedCount < MAX_BATCH_ROWS && !this.#isStopping) {
        await Promise.race([sleep(clock, waitMs, signal), this.#signalled()])
        continue
      }
      this.#lastCommitAt = clock.monotonic()
      await this.#write(source.take(MAX_BATCH_ROWS))
    }
    await this.#committing
  }

  async #write(batch: readonly BufferedEvent[]): Promise<void> {
    this.#blocks.add(batch)
    const blocks = [...this.#partition(batch)]
    this.#blocks.delete(batch)
    for (const block of blocks) this.#blocks.add(block)
    await this.#options.turns?.give()
    for (const block of blocks) await this.#pass(block)
  }

  #isHeld(event: BufferedEvent): boolean {
    return !event.ticket.isSettled && !this.#rejected.has(event)
  }

  #signalled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Splits a batch by the store's partitions: an insert over two is not atomic. */
  #partition(batch: readonly BufferedEvent[]): Iterable<BufferedEvent[]> {
    const blocks = new Map<number, BufferedEvent[]>()
    for (const event of batch) {
      const partition = this.#options.store.partitionOf(event.row.occurred_at)
      const block = blocks.get(partition)
      if (block) block.push(event)
      else blocks.set(partition, [event])
    }
    return blocks.values()
  }

  /** Looks a block up while the one before is inserted, and resolves as soon as its own insert has begun. */
  async #pass(block: readonly BufferedEvent[]): Promise<void> {
    const underWay = this.#committing
    let checked = await check(block, this.#commitOptions)
    const before = await underWay
    // The look may have come before the other block's rows; and after trouble it may be old.
    if (checked && before?.isTroubled) checked = await check(block, this.#commitOptions)
    if (!checked) return
    if (before) passOverStored(checked, before.stored)
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
  async #tell(task: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await task()
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'live' })
    }
  }

  async #commit(checked: CheckedBlock): Promise<Committed | undefined> {
    const { clock, metrics, turns, observer, onStored, onDuplicate } = this.#options
    const startedAt = clock.monotonic()
    await this.#tell(() => observer?.begin(checked.block))
    const committed = await commit(checked, this.#commitOptions)
    if (!committed) return undefined
    await turns?.give()
    const { stored, duplicates, conflicts } = committed
    metrics.flushSize.observe(checked.block.length)
    metrics.flushSeconds.observe((clock.monotonic() - startedAt) / 1000)
    reportConflicts(conflicts, this.#options)
    try {
      onStored(stored.values())
    } finally {
      void this.#tell(() => observer?.end(stored.values()))
    }
    onDuplicate(duplicates)
    this.#blocks.delete(checked.block)
    await turns?.give()
    reportCommit(stored, clock.now(), this.#options)
    return committed
  }
}

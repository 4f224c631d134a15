/**
 * Coordinates reads of the store with the commits of the writer, so that a snapshot and the deltas after it add up to exactly what the store contains.
 *
 * Why the counts are exact: the writer calls `begin` before the store can return any row of a block, and `end`, with exactly the stored events, once the store returns all of them.
 * In between the store may return none, some (of a divided block) or all rows; after an insert with an unknown outcome this lasts until the fence, the second check and the rest of
 * the insert are done. Blocks never overlap. If no block with rows of a tenant was between `begin` and `end` at any time from sending a query to receiving its result, then each
 * such block either ended before the query was sent, and the result contains it, or began after the result was received, and the result does not. So the result contains exactly
 * the blocks ended so far, and adding the events of each later `end` gives the contents of the store after it. A read that overlaps a block of its tenant is discarded and repeated.
 *
 * A few reads run at a time, in order, so that none misses its opportunity while it waits for others. Under a backlog blocks follow each other without a gap: the third attempt of a
 * read therefore delays the next block of the writer until no read is left, for at most one second and at most half of the time.
 */
import type { Clock } from '../base/clock.ts'
import type { EventBlock, RowIndexes } from '../events/block/event-block.ts'

interface PendingRead {
  readonly tenantId: string
  /** Whether a block of the tenant began during the read. */
  isInvalidated: boolean
}

/** Attempts that do not delay the writer. */
const ATTEMPTS_WITHOUT_DELAY = 2
/** Attempts of a read that must not delay the writer. */
const MAX_ATTEMPTS_WITHOUT_DELAY = 6
/** Under a backlog a read takes long. The delayed events are then stored in larger blocks. */
const MAX_DELAY_MS = 1_000
/** After a delay the writer is not delayed again for this multiple of its duration. */
const REST_RATIO = 1
/** A failing store may not respond at all. */
const MAX_WAIT_MS = 20_000
/** The number of readers of the embedded engine. */
const MAX_CONCURRENT_READS = 4

export interface SnapshotCoordinatorOptions {
  readonly clock: Clock
  /** Receives stored rows of a block, each once. Must not throw. */
  readonly onStored: (events: EventBlock, stored: RowIndexes) => void
}

export class SnapshotCoordinator {
  readonly #options: SnapshotCoordinatorOptions
  readonly #reads = new Set<PendingRead>()
  /** The last read of each slot. */
  readonly #slots: Promise<unknown>[] = Array.from({ length: MAX_CONCURRENT_READS }, () => Promise.resolve())
  #nextSlot = 0
  #block: EventBlock | undefined
  #blockEnded: PromiseWithResolvers<void> = Promise.withResolvers()
  /** Number of waiting and running reads that may delay the writer. */
  #waitingReads = 0
  /** Whether the writer has to wait until none of them is left. */
  #isWriterDelayed = false
  #nextDelayAt = 0
  #releaseWriter: (() => void) | undefined

  constructor(options: SnapshotCoordinatorOptions) {
    this.#options = options
  }

  /** A block is about to be inserted. Undefined = the insert may start now; otherwise resolves when it may. */
  begin(block: EventBlock): Promise<void> | undefined {
    const { clock } = this.#options
    const delayedAt = clock.monotonic()
    if (!this.#isWriterDelayed || delayedAt < this.#nextDelayAt) return this.#begin(block)
    return new Promise((resolve) => {
      this.#releaseWriter = () => {
        cancel()
        this.#releaseWriter = undefined
        this.#nextDelayAt = clock.monotonic() + REST_RATIO * (clock.monotonic() - delayedAt)
        this.#begin(block)
        resolve()
      }
      const cancel = clock.after(MAX_DELAY_MS, this.#releaseWriter)
    })
  }

  /** These rows of the block were stored, and the store returns them. */
  end(block: EventBlock, stored: RowIndexes): void {
    this.#block = undefined
    try {
      this.#options.onStored(block, stored)
    } finally {
      this.#endBlock()
    }
  }

  /** The outcome of the block that is being inserted, if there is one, will not be reported. */
  discard(): void {
    this.#block = undefined
    this.#endBlock()
  }

  /**
   * Calls `read`, and calls `use` with a result that contains exactly the events of the tenant reported so far, before any other event is reported. Resolves with false when no
   * attempt succeeded; with `mayDelayWriter` the writer is delayed to avoid that. Rejects when `read` rejects.
   */
  readSnapshot<Result>(
    tenantId: string,
    read: () => Promise<Result>,
    use: (result: Result) => void,
    { mayDelayWriter = true }: { readonly mayDelayWriter?: boolean } = {},
  ): Promise<boolean> {
    const until = this.#options.clock.monotonic() + MAX_WAIT_MS
    const slot = this.#nextSlot++ % MAX_CONCURRENT_READS
    if (mayDelayWriter) this.#waitingReads++
    const before = this.#slots[slot]!
    const outcome = before
      .then(() => this.#readWithRetries(tenantId, read, use, { mayDelayWriter, until }))
      .finally(() => mayDelayWriter && this.#finishRead())
    this.#slots[slot] = outcome.catch(() => {})
    return outcome
  }

  async #readWithRetries<Result>(
    tenantId: string,
    read: () => Promise<Result>,
    use: (result: Result) => void,
    { mayDelayWriter, until }: { readonly mayDelayWriter: boolean; readonly until: number },
  ): Promise<boolean> {
    const maxAttempts = mayDelayWriter ? Infinity : MAX_ATTEMPTS_WITHOUT_DELAY
    for (let attempt = 0; attempt < maxAttempts && this.#options.clock.monotonic() < until; attempt++) {
      // Set before waiting, otherwise the next block would begin at once.
      if (mayDelayWriter && attempt >= ATTEMPTS_WITHOUT_DELAY) this.#isWriterDelayed = true
      if (this.#hasActiveBlock(tenantId)) await this.#waitForBlockEnd(until)
      // Checked again synchronously with the registration below: the next block may begin while the end of this one is reported.
      if (this.#hasActiveBlock(tenantId)) continue
      const pending: PendingRead = { tenantId, isInvalidated: false }
      this.#reads.add(pending)
      try {
        const result = await read()
        // Synchronously with the check: no block may end between the two.
        if (!pending.isInvalidated) {
          use(result)
          return true
        }
      } finally {
        this.#reads.delete(pending)
      }
    }
    return false
  }

  /** The writer is not delayed any more. */
  close(): void {
    this.#releaseWriter?.()
    this.#nextDelayAt = Infinity
  }

  #begin(block: EventBlock): undefined {
    this.#block = block
    for (const read of this.#reads) read.isInvalidated ||= block.hasTenant(read.tenantId)
  }

  #endBlock(): void {
    this.#blockEnded.resolve()
    this.#blockEnded = Promise.withResolvers()
  }

  #finishRead(): void {
    if (--this.#waitingReads > 0) return
    this.#isWriterDelayed = false
    this.#releaseWriter?.()
  }

  /** Whether a block with rows of the tenant is being inserted. */
  #hasActiveBlock(tenantId: string): boolean {
    return this.#block?.hasTenant(tenantId) ?? false
  }

  /** Waits for the end of the current block, at most until `until`. */
  async #waitForBlockEnd(until: number): Promise<void> {
    const { clock } = this.#options
    const timeout = Promise.withResolvers<void>()
    const cancel = clock.after(until - clock.monotonic(), timeout.resolve)
    await Promise.race([this.#blockEnded.promise, timeout.promise])
    cancel()
  }
}

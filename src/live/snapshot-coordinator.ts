/**
 * Reading the store between commits, and hearing of each commit once: what makes a snapshot and the deltas behind it add up to what the store holds. The writer's
 * blocks come by here, one after the other.
 *
 * Why that is exact. Of every block the writer says `begin` before the store can show any of it, and `end`, with precisely the events that were stored, once the store
 * shows all of them; between the two the store may show none, some (a block that is halved) or all, and after an insert whose outcome is unknown that lasts until the
 * fence, the second look and the rest of the insert are through. Blocks never overlap. So when no block with rows of a tenant was between its `begin` and its `end` at
 * any time from sending a query until its answer, each such block either ended before the query was sent (the answer holds it) or begins after the answer came (it does
 * not). What is read in that way holds exactly the ends so far; adding what every later `end` tells gives, at each later end, what the store holds. A read that a block
 * of its tenant came across is thrown away and done again.
 *
 * Reads take turns, a few at a time, so that none loses its moment waiting for the others. Under a backlog blocks follow each other without a gap: the third try of a read
 * therefore has the writer wait with its next block until no read is left, a second at most and half of the time at most.
 */
import type { Clock } from '../base/clock.ts'
import type { EventRow } from '../events/event-row.ts'

interface StoredEvent {
  readonly row: EventRow
}

/** A block that the writer is at. */
type Block = Iterable<StoredEvent>

interface PendingRead {
  readonly tenantId: string
  /** Whether a block of the tenant came across. */
  isInvalidated: boolean
}

/** So many tries leave the writer alone. */
const TRIES_WITHOUT_HOLD = 2
/** Of those that may not have the writer wait. */
const MAX_TRIES_WITHOUT_HOLD = 6
/** Under a backlog the process is busy: a read takes long. What is held up meanwhile comes in larger blocks. */
const MAX_HOLD_MS = 1_000
/** Times as long as it waited the writer goes on undisturbed. */
const REST_RATIO = 1
/** A store in trouble may take for ever. */
const MAX_WAIT_MS = 20_000
/** As many as the embedded engine has readers. */
const MAX_CONCURRENT_READS = 4

export interface SnapshotCoordinatorOptions {
  readonly clock: Clock
  /** These were stored, each for the first time. Must not throw. */
  readonly onStored: (events: Iterable<StoredEvent>) => void
}

export class SnapshotCoordinator {
  readonly #options: SnapshotCoordinatorOptions
  readonly #reads = new Set<PendingRead>()
  /** The last read of each lane. */
  readonly #slots: Promise<unknown>[] = Array.from({ length: MAX_CONCURRENT_READS }, () => Promise.resolve())
  #nextSlot = 0
  #block: Block | undefined
  #blockEnded: PromiseWithResolvers<void> = Promise.withResolvers()
  /** Reads that wait or are under way, and may have the writer wait. */
  #waitingReads = 0
  /** Whether it has to: until none of them is left. */
  #isWriterHeld = false
  #nextHoldAt = 0
  #releaseWriter: (() => void) | undefined

  constructor(options: SnapshotCoordinatorOptions) {
    this.#options = options
  }

  /** A block is about to be inserted. Resolves when that may begin. */
  begin(block: Block): Promise<void> | undefined {
    const { clock } = this.#options
    const heldAt = clock.monotonic()
    if (!this.#isWriterHeld || heldAt < this.#nextHoldAt) return this.#begin(block)
    return new Promise((resolve) => {
      this.#releaseWriter = () => {
        cancel()
        this.#releaseWriter = undefined
        this.#nextHoldAt = clock.monotonic() + REST_RATIO * (clock.monotonic() - heldAt)
        this.#begin(block)
        resolve()
      }
      const cancel = clock.after(MAX_HOLD_MS, this.#releaseWriter)
    })
  }

  /** These events of the block were stored, and the store shows them. */
  end(stored: Iterable<StoredEvent>): void {
    this.#block = undefined
    try {
      this.#options.onStored(stored)
    } finally {
      this.#blockEnded.resolve()
      this.#blockEnded = Promise.withResolvers()
    }
  }

  /**
   * Reads, and calls `use` with what holds exactly the events of the tenant that were told of so far: before it is told of any other. Resolves with false when there
   * was no such moment. With `mayHold` the writer is made to wait rather than that. Rejects when `read` does.
   */
  readSnapshot<Result>(
    tenantId: string,
    read: () => Promise<Result>,
    use: (result: Result) => void,
    { mayHold = true }: { readonly mayHold?: boolean } = {},
  ): Promise<boolean> {
    const until = this.#options.clock.monotonic() + MAX_WAIT_MS
    const slot = this.#nextSlot++ % MAX_CONCURRENT_READS
    if (mayHold) this.#waitingReads++
    const before = this.#slots[slot]!
    const outcome = before
      .then(() => this.#readWithRetries(tenantId, read, use, { mayHold, until }))
      .finally(() => mayHold && this.#finishRead())
    this.#slots[slot] = outcome.catch(() => {})
    return outcome
  }

  async #readWithRetries<Result>(
    tenantId: string,
    read: () => Promise<Result>,
    use: (result: Result) => void,
    { mayHold, until }: { readonly mayHold: boolean; readonly until: number },
  ): Promise<boolean> {
    const maxTries = mayHold ? Infinity : MAX_TRIES_WITHOUT_HOLD
    for (let attempt = 0; attempt < maxTries && this.#options.clock.monotonic() < until; attempt++) {
      // Asked for before waiting, or the next block would begin at once.
      if (mayHold && attempt >= TRIES_WITHOUT_HOLD) this.#isWriterHeld = true
      if (this.#hasActiveBlock(tenantId)) await this.#waitForBlockEnd(until)
      // In one go with being entered: the next block may begin while the end of this one is told.
      if (this.#hasActiveBlock(tenantId)) continue
      const pending: PendingRead = { tenantId, isInvalidated: false }
      this.#reads.add(pending)
      try {
        const result = await read()
        // In one go with the look: no block may end between the two.
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

  /** Nobody is waited for any more. */
  close(): void {
    this.#releaseWriter?.()
    this.#nextHoldAt = Infinity
  }

  #begin(block: Block): undefined {
    this.#block = block
    for (const read of this.#reads) read.isInvalidated ||= hasRowsOf(block, read.tenantId)
  }

  #finishRead(): void {
    if (--this.#waitingReads > 0) return
    this.#isWriterHeld = false
    this.#releaseWriter?.()
  }

  /** Whether a block with rows of the tenant is under way. */
  #hasActiveBlock(tenantId: string): boolean {
    return this.#block !== undefined && hasRowsOf(this.#block, tenantId)
  }

  /** Waits for the end of the block that is under way, not beyond `until`. */
  async #waitForBlockEnd(until: number): Promise<void> {
    const { clock } = this.#options
    const timeout = Promise.withResolvers<void>()
    const cancel = clock.after(until - clock.monotonic(), timeout.resolve)
    await Promise.race([this.#blockEnded.promise, timeout.promise])
    cancel()
  }
}

function hasRowsOf(block: Block, tenantId: string): boolean {
  for (const { row } of block) if (row.tenant_id === tenantId) return true
  return false
}

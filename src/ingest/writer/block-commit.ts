/**
 * The commit of one block: inserts the events that are not stored yet, and retries until that succeeds. After a failed attempt its outcome is unknown: before the next one,
 * earlier writes are fenced and the ids are looked up again.
 */
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import { messageOf, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { RowIndexes } from '../../events/block/event-block.ts'
import type { InFlightDelivery } from '../accounting/ledger.ts'
import { type DeduplicatedBlock, deduplicateBlock, type StoredRows } from './deduplicator.ts'
import type { NameCache } from './name-cache.ts'
import type { EventStore } from '../ports.ts'
import type { BufferedBlock } from '../stages.ts'

export interface CommitOptions {
  readonly store: EventStore
  readonly nameCache: NameCache
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly yielder?: EventLoopYielder | undefined
  /** Ends the attempts. */
  readonly signal: AbortSignal
  /** Takes over an event that the store refuses. Called once per event. */
  readonly onRejected: (event: InFlightDelivery) => void
  /** This writer is fenced: another process stores the events that it holds. */
  readonly onFenced?: (() => void) | undefined
}

/** The result of a commit, as rows of its block. Refused events are in none of the lists. */
export interface CommitResult extends StoredRows {
  readonly duplicates: readonly number[]
  readonly conflicts: readonly number[]
  /** Whether an attempt failed before the commit succeeded. */
  readonly hadFailedAttempt: boolean
}

/** Looks up which of these rows of a block are stored, and retries until that succeeds. Undefined when the signal aborts first. */
export async function lookUpBlock(
  block: BufferedBlock,
  rows: RowIndexes,
  options: CommitOptions,
): Promise<DeduplicatedBlock | undefined> {
  const { store, clock, metrics, yielder, signal } = options
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const startedAt = clock.monotonic()
      const checked = await deduplicateBlock(store, block, rows, yielder)
      metrics.lookupSeconds.observe((clock.monotonic() - startedAt) / 1000)
      return checked
    } catch (error) {
      await backOff(rows.length, attempt, error, options)
    }
  }
  return undefined
}

/** Stores a deduplicated block; `rows` are those that were looked up. Undefined when the signal aborts first: then none of its events may be settled. */
export async function commitBlock(
  initial: DeduplicatedBlock,
  rows: RowIndexes,
  options: CommitOptions,
): Promise<CommitResult | undefined> {
  const { store, clock, metrics, signal } = options
  const { block } = initial
  // Kept over all attempts: a refused event must not become a dead letter, and be settled, twice.
  const refused = new Set<number>()
  // Kept likewise: the next lookup finds the rows that a failed attempt has stored, but they are no duplicates.
  const sentBefore = new Set<number>()
  let checked: DeduplicatedBlock = initial
  let hadFailedAttempt = false
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      if (hadFailedAttempt) {
        await store.fence()
        checked = await deduplicateBlock(
          store,
          block,
          rows.filter((row) => !refused.has(row)),
        )
      }
      const refusedBefore = refused.size
      if (checked.missing.length > 0) {
        const startedAt = clock.monotonic()
        await insert(block, checked.missing, refused, options)
        metrics.insertSeconds.observe((clock.monotonic() - startedAt) / 1000)
      }
      // Another event with the id of a refused one was skipped as its duplicate; with other contents it may be stored.
      if (refused.size > refusedBefore && hasOtherRowsWithIds(block, rows, refused)) {
        hadFailedAttempt = true
        for (const row of checked.missing) sentBefore.add(row)
        continue
      }
      const { ids, missing, repeated } = checked
      // Also of repeated events: the process that stored them may have stopped before it did this.
      const factsStartedAt = clock.monotonic()
      await store.addToMessages(block.events, without(missing, refused), repeated)
      metrics.factsSeconds.observe((clock.monotonic() - factsStartedAt) / 1000)
      if (hadFailedAttempt || refused.size > 0) for (const row of missing) sentBefore.add(row)
      const isStored = (row: number) => sentBefore.has(row) && !refused.has(row)
      return {
        block,
        ids,
        stored: sentBefore.size === 0 ? missing : rows.filter(isStored),
        duplicates: checked.duplicates.filter((row) => !sentBefore.has(row)),
        conflicts: checked.conflicts.filter((row) => !sentBefore.has(row)),
        hadFailedAttempt,
      }
    } catch (error) {
      hadFailedAttempt = true
      for (const row of checked.missing) sentBefore.add(row)
      await backOff(rows.length, attempt, error, options)
    }
  }
  return undefined
}

function without(rows: RowIndexes, refused: ReadonlySet<number>): RowIndexes {
  return refused.size === 0 ? rows : rows.filter((row) => !refused.has(row))
}

/** Inserts rows that are not stored yet. A row that the store refuses is found by bisection, is added to `refused` and rejected. */
async function insert(
  block: BufferedBlock,
  rows: RowIndexes,
  refused: Set<number>,
  options: CommitOptions,
): Promise<void> {
  const { store, nameCache, yielder, onRejected } = options
  try {
    // Names first: after a crash in between there is a name too many, which the redelivery corrects, but never one too few.
    const names = block.events.namesOf(rows)
    const unwritten = nameCache.selectUnwritten(names)
    if (unwritten.length > 0) await store.writeNames(unwritten.map((name) => names.observation(name)))
    nameCache.markWritten(names, unwritten)
    await yielder?.yieldIfBusy()
    await store.insertRows(block.events, rows)
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.kind !== 'rejected') throw error
    if (rows.length === 1) {
      const row = rows[0]!
      refused.add(row)
      block.deliveries.refuse(row)
      onRejected(block.deliveries.at(row))
      return
    }
    const middle = rows.length >> 1
    await insert(block, rows.slice(0, middle), refused, options)
    await insert(block, rows.slice(middle), refused, options)
  }
}

async function backOff(
  batchSize: number,
  attempt: number,
  error: unknown,
  { clock, logger, metrics, report, signal, onFenced }: CommitOptions,
): Promise<void> {
  metrics.storeRetries.add(1)
  if (!(error instanceof StoreFailure)) report('ingestion', error, { part: 'commit' })
  const engineCode = error instanceof StoreFailure ? error.engineCode : undefined
  logger.error('storing a batch failed; retrying', {
    batchSize,
    attempt,
    engineCode,
    error: messageOf(error),
  })
  if (error instanceof StoreFailure && error.kind === 'fenced') onFenced?.()
  await sleep(clock, backoffMs(attempt), signal)
}

/** Whether other rows have the id of a refused one. */
function hasOtherRowsWithIds({ events }: BufferedBlock, rows: RowIndexes, refused: ReadonlySet<number>): boolean {
  const { id } = events.columns
  const ids = new Set<string>()
  for (const row of refused) ids.add(id.read(row))
  return rows.some((row) => !refused.has(row) && ids.has(id.read(row)))
}

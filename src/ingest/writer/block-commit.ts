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
import { type DeduplicatedBlock, deduplicateBlock } from './deduplicator.ts'
import type { NameCache } from './name-cache.ts'
import type { EventStore } from '../ports.ts'
import type { BufferedEvent } from '../stages.ts'

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
  readonly onRejected: (event: BufferedEvent) => void
  /** This writer is fenced: another process stores the events that it holds. */
  readonly onFenced?: (() => void) | undefined
}

/** The result of a commit. Refused events are in none of the lists. */
export interface CommitResult {
  readonly stored: ReadonlyMap<string, BufferedEvent>
  readonly duplicates: readonly BufferedEvent[]
  readonly conflicts: readonly BufferedEvent[]
  /** Whether an attempt failed before the commit succeeded. */
  readonly hadFailedAttempt: boolean
}

/** Looks up which events of a block are stored, and retries until that succeeds. Undefined when the signal aborts first. */
export async function lookUpBlock(
  block: readonly BufferedEvent[],
  options: CommitOptions,
): Promise<DeduplicatedBlock | undefined> {
  const { store, clock, metrics, yielder, signal } = options
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const startedAt = clock.monotonic()
      const checked = await deduplicateBlock(store, block, yielder)
      metrics.lookupSeconds.observe((clock.monotonic() - startedAt) / 1000)
      return checked
    } catch (error) {
      await backOff(block, attempt, error, options)
    }
  }
  return undefined
}

/** Stores a deduplicated block. Undefined when the signal aborts first: then none of its events may be settled. */
export async function commitBlock(
  initial: DeduplicatedBlock,
  options: CommitOptions,
): Promise<CommitResult | undefined> {
  const { store, clock, metrics, signal } = options
  // Kept over all attempts: a refused event must not become a dead letter, and be settled, twice.
  const refused = new Set<BufferedEvent>()
  // Kept likewise: the next lookup finds the events that a failed attempt has stored, but they are no duplicates.
  const sent = new Map<string, BufferedEvent>()
  let checked: DeduplicatedBlock = initial
  let hadFailedAttempt = false
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      if (hadFailedAttempt) {
        await store.fence()
        checked = await deduplicateBlock(
          store,
          initial.block.filter((event) => !refused.has(event)),
        )
      }
      const refusedBefore = refused.size
      if (checked.missing.size > 0) {
        for (const [id, event] of checked.missing) sent.set(id, event)
        const startedAt = clock.monotonic()
        await insert([...checked.missing.values()], refused, options)
        metrics.insertSeconds.observe((clock.monotonic() - startedAt) / 1000)
      }
      // Another event with the id of a refused one was skipped as its duplicate; with other contents it may be stored.
      if (refused.size > refusedBefore && hasOtherEventsWithIds(refused, initial.block)) {
        hadFailedAttempt = true
        continue
      }
      for (const event of refused) if (sent.get(event.row.id) === event) sent.delete(event.row.id)
      const isOwn = (event: BufferedEvent) => sent.get(event.row.id) === event
      return {
        stored: sent,
        duplicates: hadFailedAttempt ? checked.duplicates.filter((event) => !isOwn(event)) : checked.duplicates,
        conflicts: hadFailedAttempt ? checked.conflicts.filter((event) => !isOwn(event)) : checked.conflicts,
        hadFailedAttempt,
      }
    } catch (error) {
      hadFailedAttempt = true
      await backOff(initial.block, attempt, error, options)
    }
  }
  return undefined
}

/** Inserts events that are not stored yet. An event that the store refuses is found by bisection, is added to `refused` and rejected. */
async function insert(
  events: readonly BufferedEvent[],
  refused: Set<BufferedEvent>,
  options: CommitOptions,
): Promise<void> {
  const { store, nameCache, yielder, onRejected } = options
  try {
    // Names first: after a crash in between there is a name too many, which the redelivery corrects, but never one too few.
    const names = nameCache.selectUnwritten(events.flatMap((event) => event.names))
    if (names.length > 0) await store.writeNames(names)
    nameCache.markWritten(names)
    await yielder?.yieldIfBusy()
    await store.insertRows(events.map(({ row }) => row))
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.kind !== 'rejected') throw error
    if (events.length === 1) {
      refused.add(events[0]!)
      onRejected(events[0]!)
      return
    }
    const middle = events.length >> 1
    await insert(events.slice(0, middle), refused, options)
    await insert(events.slice(middle), refused, options)
  }
}

async function backOff(
  block: readonly BufferedEvent[],
  attempt: number,
  error: unknown,
  { clock, logger, metrics, report, signal, onFenced }: CommitOptions,
): Promise<void> {
  metrics.storeRetries.add(1)
  if (!(error instanceof StoreFailure)) report('ingestion', error, { part: 'commit' })
  const engineCode = error instanceof StoreFailure ? error.engineCode : undefined
  logger.error('storing a batch failed; retrying', {
    batchSize: block.length,
    attempt,
    engineCode,
    error: messageOf(error),
  })
  if (error instanceof StoreFailure && error.kind === 'fenced') onFenced?.()
  await sleep(clock, backoffMs(attempt), signal)
}

/** Whether the block holds other events with the id of a refused one. */
function hasOtherEventsWithIds(refused: ReadonlySet<BufferedEvent>, block: readonly BufferedEvent[]): boolean {
  const ids = new Set<string>()
  for (const { row } of refused) ids.add(row.id)
  return block.some((event) => !refused.has(event) && ids.has(event.row.id))
}

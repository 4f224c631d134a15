/**
 * The commit of one block: what is missing goes to the store, for as long as it takes. Before every further try nobody knows what the one before has stored: it is
 * fenced off, and the store is asked again.
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
import type { BufferedEvent } from '../actors/tenant-actor.ts'

export interface CommitOptions {
  readonly store: EventStore
  readonly names: NameCache
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly turns?: EventLoopYielder | undefined
  /** Ends the tries. */
  readonly signal: AbortSignal
  /** Sends an event that the store refuses to the dead letters, which settle it. */
  readonly onRejected: (event: BufferedEvent) => void
  /** Others have closed this writer off: whatever it holds is theirs now. */
  readonly onFenced?: (() => void) | undefined
}

/** What a commit came to. Refused events are in neither list. */
export interface CommitResult {
  readonly stored: ReadonlyMap<string, BufferedEvent>
  readonly duplicates: readonly BufferedEvent[]
  readonly conflicts: readonly BufferedEvent[]
  /** True when the store failed at least once on the way. */
  readonly hadFailedAttempt: boolean
}

/** Looks what is stored, as often as it takes; undefined when the signal aborts first. */
export async function lookUpBlock(
  block: readonly BufferedEvent[],
  options: CommitOptions,
): Promise<DeduplicatedBlock | undefined> {
  const { store, clock, metrics, turns, signal } = options
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const startedAt = clock.monotonic()
      const checked = await deduplicateBlock(store, block, turns)
      metrics.lookupSeconds.observe((clock.monotonic() - startedAt) / 1000)
      return checked
    } catch (error) {
      await backOff(block, attempt, error, options)
    }
  }
  return undefined
}

/** Stores a checked block; undefined when the signal aborts first: then nothing of it may be settled. */
export async function commitBlock(
  initial: DeduplicatedBlock,
  options: CommitOptions,
): Promise<CommitResult | undefined> {
  const { store, clock, metrics, signal } = options
  // Kept from try to try: a row that is on its way to the dead letters must not be sent there, and settled, twice.
  const refused = new Set<BufferedEvent>()
  // Likewise: what a failed try has stored is found by the next look, but is no duplicate.
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
      // Another event of a refused id was passed over as its repeat; with another payload it may be stored.
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

/** Inserts events that are not stored yet. A row that the store refuses is found by halving, goes to the dead letters and is added to `refused`. */
async function insert(
  events: readonly BufferedEvent[],
  refused: Set<BufferedEvent>,
  options: CommitOptions,
): Promise<void> {
  const { store, names: nameCache, turns, onRejected } = options
  try {
    // Names first: a crash in between then leaves a name too many, which the repeat makes right, and never one too few.
    const names = nameCache.selectUnwritten(events.flatMap((event) => event.names))
    if (names.length > 0) await store.writeNames(names)
    nameCache.markWritten(names)
    await turns?.yieldIfBusy()
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
  logger.error('a batch could not be stored and is tried again', {
    batchSize: block.length,
    attempt,
    engineCode,
    error: messageOf(error),
  })
  if (error instanceof StoreFailure && error.kind === 'fenced') onFenced?.()
  await sleep(clock, backoffMs(attempt), signal)
}

/** Whether the block has further events with the id of a refused one. */
function hasOtherEventsWithIds(refused: ReadonlySet<BufferedEvent>, block: readonly BufferedEvent[]): boolean {
  const ids = new Set<string>()
  for (const { row } of refused) ids.add(row.id)
  return block.some((event) => !refused.has(event) && ids.has(event.row.id))
}

import { type EventRow, isSameEvent } from '../../events/event-row.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { EventStore } from '../ports.ts'
import type { BufferedEvent } from '../stages.ts'

export interface DeduplicatedBlock {
  readonly block: readonly BufferedEvent[]
  /** The first event of each id that is not stored yet, by id. */
  readonly missing: Map<string, BufferedEvent>
  /** Events that are stored already, or follow another event with their id in the block. */
  readonly duplicates: BufferedEvent[]
  /** The duplicates whose contents differ from the kept event: the first event of an id is kept. */
  readonly conflicts: BufferedEvent[]
}

/** Finds the events of a block that are not stored yet. The lookup is never skipped: the redelivery flag of the broker is not reliable. */
export async function deduplicateBlock(
  store: Pick<EventStore, 'findStoredIds' | 'findStoredRows'>,
  block: readonly BufferedEvent[],
  yielder?: EventLoopYielder,
): Promise<DeduplicatedBlock> {
  const missing = new Map<string, BufferedEvent>()
  const repeats: BufferedEvent[] = []
  for (const event of block) {
    const { id } = event.row
    if (missing.has(id)) repeats.push(event)
    else missing.set(id, event)
  }
  const rows: EventRow[] = []
  for (const { row } of missing.values()) rows.push(row)
  await yielder?.yieldIfBusy()
  const storedIds = await store.findStoredIds(rows)
  if (storedIds.size === 0 && repeats.length === 0) return { block, missing, duplicates: [], conflicts: [] }

  const storedRows =
    storedIds.size === 0 ? undefined : await store.findStoredRows(rows.filter(({ id }) => storedIds.has(id)))
  const duplicates: BufferedEvent[] = []
  const conflicts: BufferedEvent[] = []
  const skip = (event: BufferedEvent) => {
    duplicates.push(event)
    const { id } = event.row
    const kept = storedRows?.get(id) ?? missing.get(id)?.row
    if (kept && !isSameEvent(kept, event.row)) conflicts.push(event)
  }
  for (const id of storedIds) {
    skip(missing.get(id)!)
    missing.delete(id)
  }
  for (const event of repeats) skip(event)
  return { block, missing, duplicates, conflicts }
}

/** Moves events that a concurrent commit has stored since the lookup from `missing` to the duplicates. */
export function skipStored(checked: DeduplicatedBlock, stored: ReadonlyMap<string, BufferedEvent>): void {
  const { missing, duplicates, conflicts } = checked
  if (missing.size === 0) return
  for (const [id, event] of missing) {
    const kept = stored.get(id)
    if (!kept) continue
    missing.delete(id)
    duplicates.push(event)
    if (!isSameEvent(kept.row, event.row)) conflicts.push(event)
  }
}

import type { EventRow } from '../events/row.ts'
import type { EventStore } from './ports.ts'
import type { BufferedEvent } from './tenant-actor.ts'

export interface DeduplicatedBatch {
  /** The first event of each id that is not stored yet. */
  readonly missing: readonly BufferedEvent[]
  /** How many were stored already, or stand twice in the batch. */
  readonly duplicateCount: number
}

/** Finds out which events of a batch still have to be stored: every time, by looking, whatever the broker says about redelivery. */
export async function findMissing(
  store: Pick<EventStore, 'findStoredIds'>,
  batch: readonly BufferedEvent[],
): Promise<DeduplicatedBatch> {
  const firsts = new Map<string, BufferedEvent>()
  for (const event of batch) if (!firsts.has(event.row.id)) firsts.set(event.row.id, event)
  const rows: EventRow[] = []
  for (const { row } of firsts.values()) rows.push(row)
  for (const id of await store.findStoredIds(rows)) firsts.delete(id)
  return { missing: [...firsts.values()], duplicateCount: batch.length - firsts.size }
}

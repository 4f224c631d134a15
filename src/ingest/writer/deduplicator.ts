import type { RowIndexes } from '../../events/block/event-block.ts'
import { isSameEvent } from '../../events/event-row.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { EventStore } from '../ports.ts'
import type { BufferedBlock } from '../stages.ts'
import { IdTable } from './id-table.ts'

/** A block with the state of its rows, which are named by their indexes. */
export interface DeduplicatedBlock {
  readonly block: BufferedBlock
  /** Finds the first row of each id. */
  readonly ids: IdTable
  /** The first row of each id that is not stored yet. */
  missing: RowIndexes
  /** Rows that are stored already, or follow another row with their id in the block. */
  readonly duplicates: number[]
  /** One row of each id that is stored with the same contents. */
  readonly repeated: RowIndexes
  /** The duplicates whose contents differ from the kept event: the first event of an id is kept. */
  readonly conflicts: number[]
}

/** Rows that a commit has stored. */
export interface StoredRows {
  readonly block: BufferedBlock
  readonly ids: IdTable
  readonly stored: RowIndexes
}

/** Finds the rows of a block that are not stored yet. The lookup is never skipped: the redelivery flag of the broker is not reliable. */
export async function deduplicateBlock(
  store: Pick<EventStore, 'findStored' | 'compareWithStored'>,
  block: BufferedBlock,
  rows: RowIndexes,
  yielder?: EventLoopYielder,
): Promise<DeduplicatedBlock> {
  const { events } = block
  const ids = new IdTable(events)
  const repeats: { readonly row: number; readonly first: number }[] = []
  for (const row of rows) {
    const first = ids.add(row)
    if (first >= 0) repeats.push({ row, first })
  }
  const repeated = new Set(repeats.map(({ row }) => row))
  const firstRows = repeats.length === 0 ? rows : rows.filter((row) => !repeated.has(row))
  await yielder?.yieldIfBusy()
  const stored = await store.findStored(events, firstRows)
  if (stored.length === 0 && repeats.length === 0)
    return { block, ids, missing: firstRows, duplicates: [], repeated: new Uint32Array(), conflicts: [] }

  const storedSet = new Set(stored)
  // A repeat of a row in the block can have the contents of the stored event, even if the first row has others.
  const repeatsOfStored = new Set(repeats.filter(({ first }) => storedSet.has(first)).map(({ row }) => row))
  const compared = rows.filter((row) => storedSet.has(row) || repeatsOfStored.has(row))
  const comparisons = stored.length === 0 ? [] : await store.compareWithStored(events, compared)
  const comparisonOf = new Map(comparisons.map((comparison, index) => [compared[index]!, comparison]))
  const duplicates: number[] = []
  const conflicts: number[] = []
  /** By the first row of each id. */
  const same = new Map<number, number>()
  const skip = (row: number, isConflict: boolean) => {
    duplicates.push(row)
    if (isConflict) conflicts.push(row)
  }
  for (const row of stored) {
    const comparison = comparisonOf.get(row)
    if (comparison === 'same') same.set(row, row)
    skip(row, comparison === 'different')
  }
  for (const { row, first } of repeats) {
    const comparison = comparisonOf.get(row) ?? 'missing'
    if (comparison === 'same' && !same.has(first)) same.set(first, row)
    // The event that is kept is the stored one, or else the first one of the block.
    const isConflict =
      comparison === 'missing' ? !isSameEvent(events.readRow(first), events.readRow(row)) : comparison === 'different'
    skip(row, isConflict)
  }
  return {
    block,
    ids,
    missing: without(firstRows, stored),
    duplicates,
    conflicts,
    repeated: Uint32Array.from(same.values()),
  }
}

/** Moves rows that a concurrent commit has stored since the lookup from `missing` to the duplicates. */
export function skipStored(checked: DeduplicatedBlock, { block, ids, stored }: StoredRows): void {
  const { missing, duplicates, conflicts } = checked
  const { events } = checked.block
  const repeats = [...ids.find(events, missing)]
  if (repeats.length === 0) return
  const storedSet = new Set(stored)
  const skipped: number[] = []
  for (const { row, found } of repeats) {
    if (!storedSet.has(found)) continue
    skipped.push(row)
    duplicates.push(row)
    if (!isSameEvent(block.events.readRow(found), events.readRow(row))) conflicts.push(row)
  }
  checked.missing = without(missing, skipped)
}

/** The rows that are not among `removed`. */
function without(rows: RowIndexes, removed: Iterable<number>): RowIndexes {
  const removedSet = new Set(removed)
  return removedSet.size === 0 ? rows : rows.filter((row) => !removedSet.has(row))
}

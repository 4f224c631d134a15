/** Event blocks from rows that are at hand as objects. */
import { EventBlock, type RowIndexes } from '../../../src/events/block/event-block.ts'
import type { EventRow, NameObservation } from '../../../src/events/event-row.ts'

/** A block of these rows; `names` are those of each row. */
export function blockOf(rows: readonly EventRow[], names: readonly (readonly NameObservation[])[] = []): EventBlock {
  const block = new EventBlock()
  for (const [index, row] of rows.entries()) block.append(row, names[index] ?? [])
  return block
}

/** The arguments that name all of these rows in a block of their own. */
export function inBlock(rows: readonly EventRow[]): [EventBlock, RowIndexes] {
  const block = blockOf(rows)
  return [block, block.allRows()]
}

/** The ids of these rows of a block. */
export function idsIn(block: EventBlock, rows: RowIndexes): string[] {
  return Array.from(rows, (row) => block.columns.id.read(row))
}

import { compareTexts } from '../../format/locale.ts'
import type { Column, Sorting } from './column.ts'

/** The rows in the order of a column. Equal rows keep their order, and rows without data are last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  { value }: Pick<Column<Row>, 'value'>,
  direction: Sorting['direction'],
): Row[] {
  const sign = direction === 'ascending' ? 1 : -1
  return rows
    .map((row) => ({ row, value: value(row) }))
    .toSorted((a, b) => compareValues(a.value, b.value, sign))
    .map(({ row }) => row)
}

/** The sorting after a click on the heading of a column: numbers begin with the largest, texts with the first of the alphabet, and the next click reverses the order. */
export function nextSorting(current: Sorting | undefined, { id, kind }: Pick<Column<never>, 'id' | 'kind'>): Sorting {
  if (current?.columnId === id)
    return { columnId: id, direction: current.direction === 'ascending' ? 'descending' : 'ascending' }
  return { columnId: id, direction: kind === 'name' || kind === 'label' ? 'ascending' : 'descending' }
}

function compareValues(a: string | number | null, b: string | number | null, sign: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b))
  return sign * order
}

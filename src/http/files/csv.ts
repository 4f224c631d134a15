import { guardFormulas } from './formula-guard.ts'
import type { Cell, Table } from './tables.ts'

/** Without it, Excel takes the bytes for the machine's old code page and spoils every name that is not plain ASCII. */
const BYTE_ORDER_MARK = '\uFEFF'

/** Also what other readers may trip over: their separators, and spaces at the edges, which some cut off. */
const HAS_TO_BE_QUOTED = /[",;\t\r\n]|^\s|\s$/

/** A table as CSV of RFC 4180, one line of names first. Texts are guarded against formulas; numbers have the digits that JSON gives them. */
export function writeCsv({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  return BYTE_ORDER_MARK + [columns, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('')
}

function writeCell(cell: Cell): string {
  if (typeof cell === 'number') return JSON.stringify(cell)
  const text = guardFormulas(cell)
  return HAS_TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

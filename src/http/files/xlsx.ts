import type { CellValue, WriteSheet } from 'hucre/xlsx'
import { guardFormulas } from './formula-guard.ts'
import type { Cell, Table } from './tables.ts'

/** What Excel takes into a cell, in UTF-16 units. */
const MAX_TEXT_LENGTH = 32_767

/** In characters. Measured on the first rows: the rest is like them. */
const MIN_WIDTH = 10
const MAX_WIDTH = 60
const MEASURED_ROWS = 100

const BOLD = { font: { bold: true } } as const

/** A workbook of one sheet a table, each with a bold first row that stays in sight. Numbers are numbers; instants stay texts, as a date of Excel has no time zone. */
export async function writeXlsx(tables: readonly Table[], modified: Date): Promise<Uint8Array<ArrayBuffer>> {
  // Not before it is needed: most processes never write one.
  const { writeXlsx: write } = await import('hucre/xlsx')
  const bytes = await write({ sheets: tables.map(sheetOf), properties: { created: modified, modified } })
  return bytes as Uint8Array<ArrayBuffer>
}

function sheetOf({ name, columns, rows }: Table): WriteSheet {
  return {
    name,
    columns: columns.map((column, index) => ({ width: widthOf(column, rows, index) })),
    rows: [[...columns], ...rows.map((row) => row.map(valueOf))],
    cells: new Map(columns.map((_, index) => [`0,${index}`, { style: BOLD }])),
    freezePane: { rows: 1 },
  }
}

function widthOf(column: string, rows: readonly (readonly Cell[])[], index: number): number {
  const lengths = rows.slice(0, MEASURED_ROWS).map((row) => String(row[index]).length)
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, column.length, ...lengths) + 2)
}

/**
 * Texts cannot become formulas in a workbook by themselves, but do when someone edits the cell or saves the sheet as CSV: they are guarded like there.
 */
function valueOf(cell: Cell): CellValue {
  return typeof cell === 'number' ? cell : escapeText(cutOff(guardFormulas(cell)))
}

function cutOff(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text
}

/**
 * What the library leaves to its caller: a text that looks like an escape of the format (`_x0041_`), one that looks like an error value (`#N/A`), and characters that
 * XML cannot hold.
 */
function escapeText(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/^#(?=[A-Z0-9/_]+[!?]?$)/, '_x0023_')
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
}

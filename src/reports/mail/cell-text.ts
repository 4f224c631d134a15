/** The texts of cells in mails. */
import { oneLine } from '../../base/texts/one-line.ts'
import type { BlockColumn, BlockTable } from '../ports.ts'
import type { Chart } from '../report-parts.ts'

type Cell = BlockTable['rows'][number][string]

/** Columns of numbers stand to the right, and their largest number has the longest bar. */
export function isNumeric({ kind }: BlockColumn): boolean {
  return kind === 'number' || kind === 'percentage'
}

/** Whether the numbers of a column measure something, and do not only say what a row is about. */
export function isMeasure(column: BlockColumn): boolean {
  return isNumeric(column) && !column.isLabel
}

/** Numbers are written without separators, so that they can be copied. An empty cell is a dash. */
export function cellText(cell: Cell | undefined, { kind }: BlockColumn, timezone: string): string {
  if (cell === null || cell === undefined || cell === '') return '–'
  if (kind === 'percentage') return `${cell} %`
  if (kind === 'number' || kind === 'text' || typeof cell === 'number') return oneLine(String(cell))
  // A date without a time is of the zone already.
  return kind === 'day' && !cell.includes('T') ? cell : localText(cell, kind, timezone)
}

/** `2026-11-23`, `2026-11-23 14:00`, `2026-11-23 14:05:09` in the zone. */
function localText(text: string, kind: BlockColumn['kind'], timezone: string): string {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) return oneLine(text)
  // This locale writes dates as ISO 8601 does.
  const local = new Date(instant).toLocaleString('sv-SE', { timeZone: timezone })
  return local.slice(0, { day: 10, hour: 16 }[kind as string] ?? local.length)
}

/** The column that a chart shows: the first one that measures something, and in a heat map the first rate, as cohorts differ in size. */
export function chartedColumn({ columns }: BlockTable, chart: Chart): BlockColumn | undefined {
  const measures = columns.filter(isMeasure)
  const rate = chart === 'heatmap' ? measures.find(({ kind }) => kind === 'percentage') : undefined
  return rate ?? measures[0]
}

/** The share of a cell in the largest of its column, in whole percent from 0 to 100; at least 1 for a number above 0. */
export function barPercent(cell: Cell | undefined, largest: number): number {
  const value = typeof cell === 'number' ? cell : 0
  return value <= 0 || largest <= 0 ? 0 : Math.max(1, Math.round((value / largest) * 100))
}

export function largestOf(rows: BlockTable['rows'], { key }: BlockColumn): number {
  return rows.reduce((largest, row) => Math.max(largest, typeof row[key] === 'number' ? row[key] : 0), 0)
}

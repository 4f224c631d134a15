/**
 * Workbooks (ECMA-376, SpreadsheetML) of plain tables. Sheets are written row by row. Only the distinct texts are kept in memory until the end, because the texts of all
 * sheets are in one file. Texts are written there and not into their cells, because openpyxl reads the format's escapes only there.
 */
import { findTimeZone, type TimeZone } from '../../../base/time-zone.ts'
import type { TimeSlices } from '../../../base/event-loop-yielding.ts'
import { guardFormulas } from '../formula-guard.ts'
import type { Column, ColumnKind } from '../columns.ts'
import type { Cell, StreamedTable, Table } from '../tables.ts'
import { STYLES, workbookParts } from './workbook-parts.ts'
import { xmlText } from './xml-text.ts'
import { type ArchiveEntry, zip } from './zip.ts'

/** The limits of Excel: UTF-16 units per cell, and rows per sheet. */
const MAX_TEXT_LENGTH = 32_767
const MAX_SHEET_ROWS = 1_048_576

/** In characters. */
const MIN_WIDTH = 10
const MAX_WIDTH = 60
/** The number of rows from which the widths of columns are calculated. */
const MEASURED_ROWS = 100
const DATE_WIDTHS: Partial<Record<ColumnKind, number>> = { hour: 16, instant: 23 }
const ROWS_PER_CHUNK = 200

const DAY_MS = 86_400_000
/** Day 0 of a workbook's dates. It is correct from March 1900 on, because the format has a 29 February 1900. */
const EPOCH_MS = Date.UTC(1899, 11, 30)

export interface WorkbookOptions {
  /** The IANA name of the zone whose days and times the dates are. */
  readonly timezone: string
  /** When the numbers were read. */
  readonly modified: Date
  readonly slices: TimeSlices
}

/**
 * A workbook with one sheet per table: a bold first row of headings that stays visible, numbers as numbers, percentages as numbers with a percent sign, days and
 * instants as dates. Rejects when a table has more rows than a sheet can have.
 */
export function writeWorkbook(
  tables: readonly (Table | StreamedTable)[],
  options: WorkbookOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  return zip(archiveEntries(tables, options), options.slices)
}

function* archiveEntries(
  tables: readonly (Table | StreamedTable)[],
  options: WorkbookOptions,
): Generator<ArchiveEntry> {
  const zone = findTimeZone(options.timezone)
  if (!zone) throw new Error('The time zone is unknown.')
  const texts = new SharedTexts()
  const names = tables.map(({ name }) => name)
  for (const [path, text] of Object.entries(workbookParts(names, options.modified))) yield { path, text: [text] }
  for (const [index, table] of tables.entries())
    yield {
      path: `xl/worksheets/sheet${index + 1}.xml`,
      text: 'rows' in table ? sheetXml(table, zone, texts) : streamedSheetXml(table, zone, texts),
    }
  // Written last, because the texts are complete only after every sheet.
  yield { path: 'xl/sharedStrings.xml', text: texts.xml() }
}

function* sheetXml({ name, columns, rows }: Table, zone: TimeZone, texts: SharedTexts): Generator<string> {
  const iterator = rows[Symbol.iterator]()
  const measured: (readonly Cell[])[] = []
  while (measured.length < MEASURED_ROWS) {
    const { done, value } = iterator.next()
    if (done) break
    measured.push(value)
  }
  const widths = columns.map(
    (column, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${widthOf(column, measured, index)}" customWidth="1"/>`,
  )
  yield `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${widths.join('')}</cols><sheetData>`
  const letters = columns.map((_, index) => columnLetters(index))
  const headings = columns.map(({ heading }, index) =>
    textCell(`${letters[index]}1`, texts.add(heading), STYLES.heading),
  )
  yield `<row r="1">${headings.join('')}</row>`
  yield* rowsXml({ name, columns }, chain(measured, { [Symbol.iterator]: () => iterator }), 2, zone, texts)
  yield SHEET_END
}

const SHEET_END = '</sheetData></worksheet>'

function* chain<Item>(...parts: readonly Iterable<Item>[]): Generator<Item> {
  for (const part of parts) yield* part
}

/** A sheet whose rows are read while it is written. The widths of its columns follow from the first batch. */
async function* streamedSheetXml(
  { name, columns, batches }: StreamedTable,
  zone: TimeZone,
  texts: SharedTexts,
): AsyncGenerator<string> {
  let rowNumber = 1
  for await (const batch of batches) {
    const rows = [...batch]
    if (rowNumber > 1) yield* rowsXml({ name, columns }, rows, rowNumber + 1, zone, texts)
    else for (const xml of sheetXml({ name, columns, rows }, zone, texts)) if (xml !== SHEET_END) yield xml
    rowNumber += rows.length
  }
  // Without a batch, a sheet of headings.
  if (rowNumber === 1)
    for (const xml of sheetXml({ name, columns, rows: [] }, zone, texts)) if (xml !== SHEET_END) yield xml
  yield SHEET_END
}

function* rowsXml(
  { name, columns }: Pick<Table, 'name' | 'columns'>,
  rows: Iterable<readonly Cell[]>,
  firstRow: number,
  zone: TimeZone,
  texts: SharedTexts,
): Generator<string> {
  const letters = columns.map((_, index) => columnLetters(index))
  let xml = ''
  let rowNumber = firstRow
  for (const row of rows) {
    if (rowNumber > MAX_SHEET_ROWS) throw new Error(`The table ${name} has more rows than a sheet holds.`)
    xml += `<row r="${rowNumber}">`
    for (const [index, cell] of row.entries())
      if (cell !== null) xml += cellXml(`${letters[index]}${rowNumber}`, cell, columns[index]!.kind, zone, texts)
    xml += '</row>'
    if (++rowNumber % ROWS_PER_CHUNK > 0) continue
    yield xml
    xml = ''
  }
  yield xml
}

function cellXml(at: string, cell: Exclude<Cell, null>, kind: ColumnKind, zone: TimeZone, texts: SharedTexts): string {
  if (typeof cell === 'number')
    return `<c r="${at}"${kind === 'percentage' ? ` s="${STYLES.percentage}"` : ''}><v>${cell}</v></c>`
  if (kind === 'day' || kind === 'hour' || kind === 'instant') {
    const serial = serialOf(cell, kind, zone)
    if (serial !== undefined) return `<c r="${at}" s="${STYLES[kind]}"><v>${serial}</v></c>`
  }
  return textCell(at, texts.add(truncated(guardFormulas(cell))))
}

function textCell(at: string, index: number, style?: number): string {
  return `<c r="${at}"${style === undefined ? '' : ` s="${style}"`} t="s"><v>${index}</v></c>`
}

/** A local day or instant as a number of days, as the format counts them; undefined when the text is neither. */
function serialOf(text: string, kind: 'day' | 'hour' | 'instant', zone: TimeZone): number | undefined {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) return undefined
  // A date without a time is already local.
  const localTime = text.length === 10 ? instant : zone.wallTime(instant).getTime()
  const days = (localTime - EPOCH_MS) / DAY_MS
  return kind === 'day' ? Math.floor(days) : days
}

/** `0` → `A`, `26` → `AA`. */
function columnLetters(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest === 0 ? '' : columnLetters(rest - 1)) + String.fromCharCode(65 + (index % 26))
}

function widthOf({ heading, kind }: Column, rows: readonly (readonly Cell[])[], index: number): number {
  const lengths = kind === 'text' ? rows.map((row) => String(row[index]).length) : [DATE_WIDTHS[kind] ?? 0]
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, heading.length, ...lengths) + 2)
}

function truncated(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text
}

/** The distinct texts, in the order of their first use. */
class SharedTexts {
  readonly #indices = new Map<string, number>()

  add(text: string): number {
    let index = this.#indices.get(text)
    if (index === undefined) this.#indices.set(text, (index = this.#indices.size))
    return index
  }

  *xml(): Generator<string> {
    yield `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="${this.#indices.size}">`
    let xml = ''
    for (const [text, index] of this.#indices) {
      xml += `<si><t xml:space="preserve">${xmlText(text)}</t></si>`
      if (index % ROWS_PER_CHUNK > 0) continue
      yield xml
      xml = ''
    }
    yield `${xml}</sst>`
  }
}

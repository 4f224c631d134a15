import type { TimeSlices } from '../../base/event-loop-yielding.ts'
import { guardFormulas } from './formula-guard.ts'
import type { Cell, Table } from './tables.ts'

/** Without it, Excel decodes the file with a legacy code page, which corrupts every name that is not plain ASCII. */
const BYTE_ORDER_MARK = '\uFEFF'

export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const
export const DECIMALS = { point: '.', comma: ',' } as const

/** The separator of fields and the decimal separator of a CSV file. */
export interface CsvStyle {
  readonly delimiter: keyof typeof DELIMITERS
  readonly decimal: keyof typeof DECIMALS
}

/** The style of RFC 4180, with numbers as in JSON. */
export const PLAIN_CSV: CsvStyle = { delimiter: 'comma', decimal: 'point' }

/** Also characters that some readers interpret: other separators, and spaces at the edges, which some readers remove. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/
const ROWS_PER_CHUNK = 500

/**
 * A table as CSV by RFC 4180, except for the requested separator, in pieces. The first line has the names of the fields. Texts are guarded against formulas. Numbers have
 * the same digits as in JSON.
 */
export async function* writeCsv({ columns, rows }: Table, style: CsvStyle, slices: TimeSlices): AsyncGenerator<string> {
  let lines =
    BYTE_ORDER_MARK +
    lineOf(
      columns.map(({ key }) => key),
      style,
    )
  let rowCount = 0
  for (const row of rows) {
    lines += lineOf(row, style)
    if (++rowCount % ROWS_PER_CHUNK > 0) continue
    yield lines
    lines = ''
    await slices.yieldIfExpired()
  }
  yield lines
}

/** The same as one text, for a table of few rows. */
export function csvText(keys: readonly string[], rows: Iterable<readonly Cell[]>, style: CsvStyle = PLAIN_CSV): string {
  return BYTE_ORDER_MARK + [keys, ...rows].map((row) => lineOf(row, style)).join('')
}

/** Further lines of a file. */
export function csvLines(rows: Iterable<readonly Cell[]>, style: CsvStyle): string {
  let lines = ''
  for (const row of rows) lines += lineOf(row, style)
  return lines
}

function lineOf(row: readonly Cell[], { delimiter, decimal }: CsvStyle): string {
  const separator = DELIMITERS[delimiter]
  const fields = row.map((cell) => {
    if (cell === null) return ''
    if (typeof cell === 'string') return quoted(guardFormulas(cell))
    const digits = JSON.stringify(cell).replace('.', DECIMALS[decimal])
    return digits.includes(separator) ? `"${digits}"` : digits
  })
  return `${fields.join(separator)}\r\n`
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

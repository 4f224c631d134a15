import { TimeSlices } from '../../base/event-loop-yielding.ts'

/** More than the longest error message that the engine appends to a response. */
const MAX_TAIL_CHARACTERS = 65_536
/** Parsed without a break: a few milliseconds of work. */
const SLICE_CHARACTERS = 524_288

/** Like `parseRows`, but yields to the event loop between slices. */
export async function parseRowsInSlices<Row>(text: string): Promise<Row[]> {
  if (text.length <= SLICE_CHARACTERS) return parseRows(text)
  const slices = new TimeSlices()
  const rows: Row[] = []
  for (let offset = 0; offset < text.length;) {
    const lineEnd = text.indexOf('\n', offset + SLICE_CHARACTERS)
    const end = lineEnd === -1 ? text.length : lineEnd + 1
    let sliceRows: Row[]
    try {
      sliceRows = parseRows(text.slice(offset, end))
    } catch {
      // Parsing the whole text produces the right error.
      return parseRows(text)
    }
    for (const row of sliceRows) rows.push(row)
    offset = end
    await slices.yieldIfExpired()
  }
  return rows
}

/**
 * The rows of a response in JSONEachRow: one object per line, each line with its line break. Throws for anything else that arrives with a success status (an error after
 * some of the rows, a page of another server), with the engine's code if there is one: accepting the rows before it would make dashboards too low.
 */
export function parseRows<Row>(text: string): Row[] {
  const lines = text.split('\n')
  try {
    if (lines.pop() !== '') throw new Error('The last line has no line break.')
    const rows: unknown[] = JSON.parse(`[${lines.join(',')}]`)
    if (rows.length === lines.length && rows.every(isRowObject)) return rows as Row[]
  } catch {
    // Thrown below, since the message of the parser would quote the response.
  }
  const code = /\bCode: (\d+)\. DB::Exception/.exec(text.slice(-MAX_TAIL_CHARACTERS))?.[1]
  throw Object.assign(new Error(INVALID_ROWS_MESSAGE), code === undefined ? {} : { code, type: 'late' })
}

/** Quotes nothing of the response. */
export const INVALID_ROWS_MESSAGE = 'response without valid rows'

function isRowObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

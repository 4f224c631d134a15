import { TimeSlices } from '../../base/event-loop-yielding.ts'

/** More than the engine's longest name and message of a late error. */
const MAX_TAIL_CHARACTERS = 65_536
/** What is read at once: some milliseconds of work. */
const SLICE_CHARACTERS = 524_288

/** The same as `parseRows`, in slices that let everybody else in between. */
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
      // What is wrong is told by the whole.
      return parseRows(text)
    }
    for (const row of sliceRows) rows.push(row)
    offset = end
    await slices.yieldIfExpired()
  }
  return rows
}

/**
 * The rows of an answer in JSONEachRow: an object a line, each line ended. Anything else that comes with a good status (a late error behind some of the rows, another
 * server's page) throws, with the engine's code if it has one: read as far as it goes, it would be numbers that are too small.
 */
export function parseRows<Row>(text: string): Row[] {
  const lines = text.split('\n')
  try {
    if (lines.pop() !== '') throw new Error('The last line is not ended.')
    const rows: unknown[] = JSON.parse(`[${lines.join(',')}]`)
    if (rows.length === lines.length && rows.every(isRowObject)) return rows as Row[]
  } catch {
    // Told below: what the parser says would quote what came.
  }
  const code = /\bCode: (\d+)\. DB::Exception/.exec(text.slice(-MAX_TAIL_CHARACTERS))?.[1]
  throw Object.assign(new Error(INVALID_ROWS_MESSAGE), code === undefined ? {} : { code, type: 'late' })
}

/** What is told of it, which quotes nothing. */
export const INVALID_ROWS_MESSAGE = 'The store answered with something that is no rows.'

function isRowObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { Slices } from '../turns.ts'

/** More than the engine's longest name and message of a late error. */
const MAX_TAIL_CHARACTERS = 65_536
/** What is read at once: some milliseconds of work. */
const PIECE_CHARACTERS = 524_288

/** The same as `rowsOf`, in slices that let everybody else in between. */
export async function readRows<Row>(text: string): Promise<Row[]> {
  if (text.length <= PIECE_CHARACTERS) return rowsOf(text)
  const slices = new Slices()
  const rows: Row[] = []
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\n', at + PIECE_CHARACTERS)
    const end = lineEnd === -1 ? text.length : lineEnd + 1
    let piece: Row[]
    try {
      piece = rowsOf(text.slice(at, end))
    } catch {
      // What is wrong is told by the whole.
      return rowsOf(text)
    }
    for (const row of piece) rows.push(row)
    at = end
    await slices.next()
  }
  return rows
}

/**
 * The rows of an answer in JSONEachRow: an object a line, each line ended. Anything else that comes with a good status (a late error behind some of the rows, another
 * server's page) throws, with the engine's code if it has one: read as far as it goes, it would be numbers that are too small.
 */
export function rowsOf<Row>(text: string): Row[] {
  const lines = text.split('\n')
  try {
    if (lines.pop() !== '') throw new Error('The last line is not ended.')
    const rows: unknown[] = JSON.parse(`[${lines.join(',')}]`)
    if (rows.length === lines.length && rows.every(isRow)) return rows as Row[]
  } catch {
    // Told below: what the parser says would quote what came.
  }
  const code = /\bCode: (\d+)\. DB::Exception/.exec(text.slice(-MAX_TAIL_CHARACTERS))?.[1]
  throw Object.assign(new Error(NO_ROWS), code === undefined ? {} : { code, type: 'late' })
}

/** What is told of it, which quotes nothing. */
export const NO_ROWS = 'The store answered with something that is no rows.'

function isRow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

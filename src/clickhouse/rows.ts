/** More than the engine's longest name and message of a late error. */
const MAX_TAIL_CHARACTERS = 65_536

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

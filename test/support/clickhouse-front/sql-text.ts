/**
 * Parses as much of a statement as the embedded engine requires: the position of an INSERT's data, the output format,
 * and whether there are several statements. The text is latin1, so that offsets are bytes.
 */
export interface StatementShape {
  /** First word in capitals, empty for a statement of comments and blanks only. */
  readonly verb: string
  /** Present when an `INSERT … FORMAT x` is followed by data and not by a query. */
  readonly data?: {
    readonly format: string
    readonly infileAt: number
    readonly headEnd: number
    readonly start: number
  }
  /** The format of a `FORMAT x` clause. */
  readonly outputFormat?: string
  /** Whether text follows the first semicolon. */
  readonly isMultiple: boolean
  /** Top-level words with their byte offsets, up to the beginning of the data. */
  readonly words: readonly Word[]
}

export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

const TOKEN = /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_][A-Za-z0-9_]*|[\s\S]/y
const isBlank = (token: string) => /^(\s|--|\/\*)/.test(token)

export function readStatement(sql: string): StatementShape {
  const words: Word[] = []
  let depth = 0
  let ended = false
  let isMultiple = false
  let afterFormat = false
  let outputFormat: string | undefined
  for (let at = 0; at < sql.length;) {
    const { end, token } = nextToken(sql, at)
    const start = at
    at = end
    if (isBlank(token)) continue
    if (ended) {
      isMultiple = true
      break
    }
    if (token === ';' && depth === 0) ended = true
    else if ('([{'.includes(token)) depth++
    else if (')]}'.includes(token)) depth--
    else if (depth === 0 && /^[A-Za-z_]/.test(token)) {
      words.push({ text: token.toUpperCase(), start, end })
      if (afterFormat && words[0]?.text === 'INSERT') return insertShape(sql, words, token, end)
      if (afterFormat) outputFormat = token
      afterFormat = !afterFormat && token.toUpperCase() === 'FORMAT'
      continue
    }
    afterFormat = false
  }
  return { verb: words[0]?.text ?? '', isMultiple, words, ...(outputFormat === undefined ? {} : { outputFormat }) }
}

/** The position of a top-level word, or undefined. */
export function findWord(shape: StatementShape, ...texts: string[]): Word | undefined {
  return shape.words.find((word) => texts.includes(word.text))
}

/** A string literal; every other byte may occur in it unescaped. */
export function literal(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

function insertShape(sql: string, words: Word[], format: string, headEnd: number): StatementShape {
  const clause = words.find((word) => word.text === 'SETTINGS') ?? words.at(-2)
  // The rule of the engine: data begins after the first line break, or after the spaces when there is none.
  const gap = /[ \t\r\f]*\n?/y
  gap.lastIndex = headEnd
  gap.exec(sql)
  const data = { format, infileAt: clause?.start ?? headEnd, headEnd, start: gap.lastIndex }
  return { verb: 'INSERT', isMultiple: false, words, data }
}

function nextToken(sql: string, at: number): { token: string; end: number } {
  const first = sql[at] ?? ''
  if (first === "'" || first === '"' || first === '`') return { token: first, end: endOfQuoted(sql, at, first) }
  TOKEN.lastIndex = at
  const token = TOKEN.exec(sql)?.[0] ?? first
  return { token, end: at + token.length }
}

function endOfQuoted(sql: string, start: number, quote: string): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at++
    }
  }
  return sql.length
}

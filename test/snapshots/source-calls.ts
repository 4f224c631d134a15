/**
 * Reads calls and string literals from the text of a module, with their nested templates, without a parser. The functions expect a text from which `withoutComments` has
 * removed the comments.
 */

const OPENING = '([{'
const CLOSING = ')]}'

/** The texts of the arguments of a call whose opening parenthesis is at `open`, without surrounding blanks. */
export function argumentsAt(text: string, open: number): string[] {
  return topLevelParts(text.slice(open + 1, endOfBrackets(text, open) - 1))
}

/** The parts of a list between brackets, separated by its own commas and not by those of nested lists or strings. */
export function topLevelParts(list: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < list.length; at = endOfLexeme(list, at)) {
    if (list[at] !== ',') continue
    parts.push(list.slice(start, at))
    start = at + 1
  }
  return [...parts, list.slice(start)].map((part) => part.trim()).filter(Boolean)
}

/**
 * The value of an expression that consists of string literals alone, joined by `+`. A placeholder of a template becomes `…`, because a renamed variable does not change
 * the text. Undefined for other expressions.
 */
export function literalOf(expression: string): string | undefined {
  const values: string[] = []
  for (let at = 0; at < expression.length;) {
    at = endOfMatch(/[\s+]*/y, expression, at)
    if (at >= expression.length) break
    if (!isQuote(expression[at])) return undefined
    const end = endOfLexeme(expression, at)
    values.push(valueOf(expression.slice(at, end)))
    at = end
  }
  return values.length === 0 ? undefined : values.join('')
}

/** The position behind the string, the brackets or the character at `at`. */
function endOfLexeme(text: string, at: number): number {
  if (isQuote(text[at])) return endOfString(text, at)
  return OPENING.includes(text[at] ?? ' ') ? endOfBrackets(text, at) : at + 1
}

function endOfBrackets(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at = endOfLexeme(text, at))
    if (CLOSING.includes(text[at] ?? ' ')) return at + 1
  return text.length
}

function endOfString(text: string, open: number): number {
  const quote = text[open]
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (quote === '`' && text.startsWith('${', at)) at = endOfBrackets(text, at + 1) - 1
    else if (text[at] === quote) return at + 1
  }
  return text.length
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' }

function valueOf(literal: string): string {
  let value = ''
  for (let at = 1; at < literal.length - 1; at++) {
    if (literal[at] === '\\') value += ESCAPES[literal[++at] ?? ''] ?? literal[at]
    else if (literal[0] === '`' && literal.startsWith('${', at)) {
      value += '…'
      at = endOfBrackets(literal, at + 1) - 1
    } else value += literal[at]
  }
  return value
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"' || character === '`'
}

/** Behind these a slash begins a regular expression, not a division. */
const BEFORE_PATTERN = /(?:^|[=(,:!&|?{};[>]|\breturn)\s*$/
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y

/** The position behind a regular expression at `at`; `at` itself when there is none. */
function endOfPattern(text: string, at: number): number {
  if (text[at] !== '/' || !BEFORE_PATTERN.test(text.slice(Math.max(0, at - 40), at))) return at
  return endOfMatch(PATTERN, text, at)
}

function endOfMatch(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return at + (sticky.exec(text)?.[0].length ?? 0)
}

/** The text of a module without its comments. Unlike a single regular expression, it finds the end of a template that holds other templates. */
export function withoutComments(text: string): string {
  let kept = ''
  for (let at = 0; at < text.length;) {
    const behindComment = endOfMatch(COMMENT, text, at)
    if (behindComment > at) {
      at = behindComment
      continue
    }
    const end = Math.max(endOfPattern(text, at), isQuote(text[at]) ? endOfLexeme(text, at) : at + 1)
    kept += text.slice(at, end)
    at = end
  }
  return kept
}

/** The values of all string literals of a module, also of those in placeholders of templates. Literals that are joined by `+` are one. */
export function literalsOf(text: string): string[] {
  const found: string[] = []
  for (let at = 0; at < text.length;) {
    if (isQuote(text[at])) {
      const end = endOfJoined(text, at)
      const expression = text.slice(at, end)
      found.push(literalOf(expression) ?? '', ...placeholdersOf(expression).flatMap(literalsOf))
      at = end
    } else at = Math.max(at + 1, endOfPattern(text, at))
  }
  return found
}

/** The position behind a string literal and those that are joined to it. */
function endOfJoined(text: string, open: number): number {
  const end = endOfLexeme(text, open)
  const next = endOfMatch(/\s*\+\s*(?=['"`])/y, text, end)
  return next === end ? end : endOfJoined(text, next)
}

function placeholdersOf(expression: string): string[] {
  const found: string[] = []
  for (let at = 0; at < expression.length; at++) {
    if (expression[at] === '\\') at++
    else if (expression.startsWith('${', at)) {
      const end = endOfBrackets(expression, at + 1)
      found.push(expression.slice(at + 2, end - 1))
      at = end - 1
    }
  }
  return found
}

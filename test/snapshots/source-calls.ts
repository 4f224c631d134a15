/**
 * Reads calls and string literals from the text of a module, with their nested templates, without a parser. Comments have to be removed from the text before.
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
    const gap = /[\s+]*/y
    gap.lastIndex = at
    at += gap.exec(expression)?.[0].length ?? 0
    if (at >= expression.length) break
    if (!isQuote(expression[at])) return undefined
    const end = endOfLexeme(expression, at)
    values.push(valueOf(expression.slice(at, end)))
    at = end
  }
  return values.length === 0 ? undefined : values.join('')
}

/** The position behind the string, the brackets or the character at `at`. */
export function endOfLexeme(text: string, at: number): number {
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

export function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"' || character === '`'
}

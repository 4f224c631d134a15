/**
 * Separates the text of a module without a parser: comments, strings and regular expressions from code.
 */
const COMMENT = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`
const QUOTED = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`
const TEMPLATE = '`(?:\\\\.|[^`\\\\])*`'
const PATTERN = String.raw`(?<=[=(,:!&|?{};]\s*|return\s)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*`
const LEXEME = new RegExp([COMMENT, QUOTED, TEMPLATE, PATTERN].join('|'), 'g')

export function withoutComments(text: string): string {
  return text.replace(LEXEME, (lexeme) => (/^\/[/*]/.test(lexeme) ? ' ' : lexeme))
}

/** The text of a module without comments and strings. */
export function codeOf(text: string): string {
  return withoutStrings(withoutComments(text))
}

/** Removes quoted strings and regular expressions; a template stays, because it may contain code. */
function withoutStrings(text: string): string {
  return text.replace(LEXEME, (lexeme) => (lexeme.startsWith('`') ? lexeme : "''"))
}

export function stringsOf(text: string): string[] {
  return [...text.matchAll(LEXEME)].map(([lexeme]) => lexeme).filter((lexeme) => /^['"`]/.test(lexeme))
}

import type { FailureDetail } from '../errors.ts'

/** Control characters, and the characters that end a line besides them. */
const NOT_OF_A_LINE = /[\p{Cc}\u2028\u2029]/u

/** What is wrong with a text that stands in one line: a name goes into the subject of mails and into names of files. */
export function lineMistakes(path: string, text: string): FailureDetail[] {
  if (NOT_OF_A_LINE.test(text)) return [{ path, message: 'Expected text without line breaks and control characters.' }]
  if (text.trim() === '') return [{ path, message: 'Expected text that is not blank.' }]
  return []
}

/** The text in one line: names come from events and may hold line breaks and control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

/** The lines of a text, without other control characters. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map(oneLine)
}

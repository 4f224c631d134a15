/**
 * The only place from which the commands write to the terminal. Texts of events may contain control characters, which are escaped here.
 */
import { terminalSafeLine, terminalSafeText } from '../base/texts/terminal-safe-text.ts'

/** Writes one or several lines to standard output. */
export function printOut(text: string): void {
  process.stdout.write(`${terminalSafeText(text)}\n`)
}

/** Writes one or several lines to standard error. */
export function printError(text: string): void {
  process.stderr.write(`${terminalSafeText(text)}\n`)
}

/** Writes a line of progress to standard error. On a terminal it replaces the previous one, and an empty line removes it. */
export function printProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${terminalSafeLine(line)}`)
  else if (line !== '') process.stderr.write(`${terminalSafeLine(line)}\n`)
}

/** Writes to standard output without escaping, for other programs. */
export function writeRaw(data: Uint8Array | string): void {
  process.stdout.write(data)
}

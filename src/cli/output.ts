/**
 * The one place from which the commands write to the terminal. Much of what they print comes out of events, so control characters are escaped.
 */
import { terminalSafeLine, terminalSafeText } from '../base/terminal-safe-text.ts'

/** Writes a line, or several, to standard output. */
export function printOut(text: string): void {
  process.stdout.write(`${terminalSafeText(text)}\n`)
}

/** Writes a line, or several, to standard error. */
export function printError(text: string): void {
  process.stderr.write(`${terminalSafeText(text)}\n`)
}

/** Writes a line of progress to standard error: in the place of the last one on a terminal, else below it. The empty text takes the last one away. */
export function printProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${terminalSafeLine(line)}`)
  else if (line !== '') process.stderr.write(`${terminalSafeLine(line)}\n`)
}

/** Writes to standard output as it is: for what another program reads. */
export function writeRaw(data: Uint8Array | string): void {
  process.stdout.write(data)
}

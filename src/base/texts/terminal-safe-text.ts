/**
 * Text that is safe to show on a terminal. Contents of events reach terminals through the commands and the log, and a terminal executes control characters: they can change
 * the clipboard, the title, or earlier output.
 */

/** C0 and C1 controls, DEL, and characters that change the writing direction or end a line in some programs. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu
const UNSAFE_EXCEPT_LAYOUT = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One line: control characters and line breaks are written as `\u001b`. In JSON that is the same text. */
export function terminalSafeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/** Like `terminalSafeLine`, but line breaks and tabs stay. */
export function terminalSafeText(text: string): string {
  return text.replace(UNSAFE_EXCEPT_LAYOUT, escapeCharacter)
}

/**
 * Text that a terminal only shows. What events say reaches people's terminals by the commands and the log, and a terminal obeys control characters: it would change the
 * clipboard, the title, or what stands on the screen already.
 */

/** C0 and C1 controls, DEL, and the marks that turn the direction of writing or end a line in some programs. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu
const UNSAFE_EXCEPT_LAYOUT = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One line: control characters are written as `\u001b`, line breaks too. In JSON that is the same text. */
export function terminalSafeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/** As `terminalSafeLine`, but line breaks and tabs stay. */
export function terminalSafeText(text: string): string {
  return text.replace(UNSAFE_EXCEPT_LAYOUT, escapeCharacter)
}

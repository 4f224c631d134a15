/** What may stand before a formula without hiding it: spaces, invisible and control characters, quotation marks. */
const IGNORED_PREFIX = String.raw`[\p{Z}\p{Cf}\p{Cc}'"\u0060‘’“”]*`
/** What begins a formula, or lets a spreadsheet find one behind it: also in their full-width and small forms. */
const FORMULA_START = String.raw`[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫]`

/** At the start of the text, or behind a semicolon: where that separates cells, another one begins there. */
const FORMULA_POSITION = new RegExp(String.raw`(?<=^|;)(?=${IGNORED_PREFIX}${FORMULA_START})`, 'gu')

/**
 * A text that no spreadsheet takes for a formula: an apostrophe is put where one would begin, and nothing else is changed. Names come from whoever publishes events.
 * What was put there can be taken out again exactly, as the apostrophe itself may stand before a formula.
 */
export function guardFormulas(text: string): string {
  return text.replace(FORMULA_POSITION, "'")
}

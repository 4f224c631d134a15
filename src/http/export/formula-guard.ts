/** Characters that spreadsheets ignore before a formula: spaces, invisible and control characters, quotation marks. */
const IGNORED_PREFIX = String.raw`[\p{Z}\p{Cf}\p{Cc}'"\u0060‘’“”]*`
/** Characters that start a formula, or after which a spreadsheet looks for one, also in their full-width and small forms. */
const FORMULA_START = String.raw`[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫]`

/** At the start of the text, or after a semicolon, which may separate cells. */
const FORMULA_POSITION = new RegExp(String.raw`(?<=^|;)(?=${IGNORED_PREFIX}${FORMULA_START})`, 'gu')

/**
 * Puts an apostrophe before every position at which a spreadsheet would read a formula, and changes nothing else. Names are chosen by producers of events. The apostrophes
 * can be removed again exactly, because an apostrophe of the text that precedes a formula gets one as well.
 */
export function guardFormulas(text: string): string {
  return text.replace(FORMULA_POSITION, "'")
}

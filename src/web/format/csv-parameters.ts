/** The parameters of a CSV file for the spreadsheets of a language: where numbers have a decimal comma, the comma cannot be the field separator. */
export function csvParameters(language: string | undefined): {
  readonly delimiter?: string
  readonly decimal?: string
} {
  const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value
  return decimal === ',' ? { delimiter: 'semicolon', decimal: 'comma' } : {}
}

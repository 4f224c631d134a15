/** The parameters of a CSV file that spreadsheets of a language read: where numbers have a decimal comma, the comma cannot separate fields as well. */
export function csvParameters(language: string | undefined): string {
  const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value
  return decimal === ',' ? '&delimiter=semicolon&decimal=comma' : ''
}

/** The form of a text that a search compares: without case, accents and differences of compatible characters. */
export function searchableText(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** The rows whose text contains every typed word. `searchable` returns a row's text in the form of `searchableText`. */
export function searchRows<Row>(rows: readonly Row[], typed: string, searchable: (row: Row) => string): readonly Row[] {
  const words = searchableText(typed).split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = searchable(row)
    return words.every((word) => text.includes(word))
  })
}

/** The texts that occur more than once: only their ids distinguish their rows. */
export function repeatedTexts(texts: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(texts.filter((text) => seen.size === seen.add(text).size))
}

/** The last sheet, which describes the file. */
export const ABOUT_SHEET = 'about'

/** The limits of Excel: UTF-16 units, and characters that a name may not contain. Names are compared without regard to case, and `History` is taken. */
const MAX_LENGTH = 31
const FORBIDDEN = /[[\]:*?/\\]/g
const TAKEN = [ABOUT_SHEET, 'history']

/** The names of sheets with these titles: valid, and each another one. */
export function sheetNamesOf(titles: readonly string[]): string[] {
  const taken = new Set(TAKEN)
  return titles.map((title) => {
    const plain = title
      .replaceAll(FORBIDDEN, ' ')
      .trim()
      .replaceAll(/^'+|'+$/g, '')
    for (let count = 1; ; count++) {
      const suffix = count === 1 ? '' : ` (${count})`
      const name = cut(plain || 'Block', MAX_LENGTH - suffix.length) + suffix
      if (taken.has(name.toLowerCase())) continue
      taken.add(name.toLowerCase())
      return name
    }
  })
}

/** The beginning of a text, without half of a surrogate pair at its end. */
function cut(text: string, length: number): string {
  return text
    .slice(0, length)
    .toWellFormed()
    .replace(/\uFFFD$/, '')
    .trim()
}

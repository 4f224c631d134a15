/** The language of the browser, which decides the form of numbers, dates and weekdays. Formats of `Intl` are created once for each set of options. */
let locale = 'en'
let collator: Intl.Collator | undefined
const numberFormats = new Map<string, Intl.NumberFormat>()
const dateFormats = new Map<string, Intl.DateTimeFormat>()

/** Sets the language of all formats (BCP 47, such as `de-CH`). */
export function setLocale(tag: string): void {
  locale = tag
  collator = undefined
  numberFormats.clear()
  dateFormats.clear()
}

export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return cached(numberFormats, options, () => new Intl.NumberFormat(locale, options))
}

export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(dateFormats, options, () => new Intl.DateTimeFormat(locale, options))
}

/** Compares texts by the rules of the language, and numbers inside them by their value. */
export function compareTexts(a: string, b: string): number {
  // A collator is created once, because to sort a long list compares thousands of times.
  collator ??= new Intl.Collator(locale, { numeric: true, sensitivity: 'base' })
  return collator.compare(a, b)
}

function cached<Format>(formats: Map<string, Format>, options: object, create: () => Format): Format {
  const key = JSON.stringify(options)
  let format = formats.get(key)
  if (!format) formats.set(key, (format = create()))
  return format
}

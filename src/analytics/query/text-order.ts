const encoder = new TextEncoder()

/** The order of texts in the store: that of their bytes in UTF-8. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const [one, other] = [encoder.encode(a), encoder.encode(b)]
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return one[at]! - other[at]!
  return one.length - other.length
}

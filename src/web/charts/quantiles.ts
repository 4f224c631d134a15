/**
 * Divides counts into shades with about as many values each, so that one outlier does not take all shades. Returns the largest value of each shade, ascending: at most
 * `shadeCount`, and fewer where values repeat. Zeros belong to no shade.
 */
export function quantileBounds(values: readonly number[], shadeCount: number): number[] {
  const sorted = values.filter((value) => value > 0).toSorted((a, b) => a - b)
  const bounds = Array.from({ length: shadeCount }, (_, shade) => {
    const position = Math.ceil(((shade + 1) / shadeCount) * sorted.length) - 1
    return sorted[Math.max(0, position)]
  })
  return [...new Set(bounds.filter((bound) => bound !== undefined))]
}

/** The number of the shade of a value, from 1; 0 is the shade of zero. */
export function shadeOf(value: number, bounds: readonly number[]): number {
  return value <= 0 ? 0 : bounds.findIndex((bound) => value <= bound) + 1
}

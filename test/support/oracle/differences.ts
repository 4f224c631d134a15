/**
 * The differences between `actual` and `expected`, as sentences; empty when they agree. Objects may have further
 * fields, arrays must have the same length and order, numbers and texts must be equal.
 */
export function differences(actual: unknown, expected: unknown, path = 'data'): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} is ${shown(actual)}, not a list`]
    const lengths =
      actual.length === expected.length ? [] : [`${path} has ${actual.length} items, not ${expected.length}`]
    const items = expected.flatMap((item, index) => differences(actual[index], item, `${path}[${index}]`))
    return [...lengths, ...items]
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path} is ${shown(actual)}, not an object`]
    const fields = new Map<string, unknown>(Object.entries(actual))
    return Object.entries(expected).flatMap(([name, value]) => differences(fields.get(name), value, `${path}.${name}`))
  }
  return Object.is(actual, expected) ? [] : [`${path} is ${shown(actual)}, not ${shown(expected)}`]
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? String(value)
}

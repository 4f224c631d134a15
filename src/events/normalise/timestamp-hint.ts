/** No producer sent events before this instant. A number that lies after it in another unit was probably meant in that unit. */
const EARLIEST_MS = Date.UTC(2000, 0)
const LATEST_YEARS_AHEAD = 10
const YEAR_MS = 365 * 86_400_000

const UNITS = [
  ['seconds', 1_000],
  ['milliseconds', 1],
  ['microseconds', 1 / 1_000],
  ['nanoseconds', 1 / 1_000_000],
] as const

/** A sentence for the dead letter about the unit of a rejected timestamp; undefined when no unit is plausible. */
export function timestampHint(value: unknown, now: number): string | undefined {
  const isText = typeof value === 'string'
  if (isText ? !/^\d{9,20}(\.\d{1,9})?$/.test(value) : typeof value !== 'number') return undefined
  const number = Number(value)
  const latest = now + LATEST_YEARS_AHEAD * YEAR_MS
  const likelyUnit = UNITS.find(([, factor]) => number * factor >= EARLIEST_MS && number * factor <= latest)
  if (!likelyUnit) return undefined
  const [unit] = likelyUnit
  if (unit !== 'milliseconds') return `It looks like epoch ${unit}; milliseconds are expected.`
  return isText ? 'It looks like epoch milliseconds in quotes; a number is expected.' : undefined
}

import { parseDateTime } from '../../base/date-time.ts'

/** How far ahead of the service's clock an event may be. */
const MAX_FUTURE_MS = 24 * 3_600_000

/** The usual form, with all parts at fixed positions. */
const COMMON_FORMAT = /^\d{4}-\d\d-\d\dT[012]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * Epoch milliseconds of a date-time with an offset, or of a number of epoch milliseconds; undefined for anything else, such as a date-time without an offset or a date or
 * time that does not exist (30 February, a leap second). Fractions of a millisecond are truncated.
 */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? Math.trunc(value) : undefined
  if (typeof value !== 'string') return undefined
  if (COMMON_FORMAT.test(value)) {
    const parsed = Date.parse(value)
    // Some runtimes read a day that does not exist as a day of the next month.
    if (
      !Number.isNaN(parsed) &&
      new Date(parsed).getUTCDate() === +value.slice(8, 10) &&
      value[11] + value[12]! !== '24'
    )
      return parsed
  }
  const dateTime = parseDateTime(value)
  return dateTime?.offsetMs === undefined ? undefined : dateTime.wallTimeMs - dateTime.offsetMs
}

export function isTooFarInFuture(timestamp: number, now: number): boolean {
  return timestamp > now + MAX_FUTURE_MS
}

import { parseDateTime } from '../base/date-time.ts'

/** How far ahead of our clock an event may claim to be. */
const MAX_FUTURE_MS = 24 * 3_600_000
/** The table's TTL. */
const RETENTION_YEARS = 2

/** The usual form, whose parts are all at fixed places. */
const COMMON_FORMAT = /^\d{4}-\d\d-\d\dT[012]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * Epoch milliseconds of a date-time with an offset, or of a number that already is epoch milliseconds; undefined for anything else.
 * Fractions below a millisecond are cut off. A date-time without an offset is refused rather than guessed, as are days
 * and times that do not exist (30 February, a leap second).
 */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? Math.trunc(value) : undefined
  if (typeof value !== 'string') return undefined
  if (COMMON_FORMAT.test(value)) {
    const parsed = Date.parse(value)
    // Days that do not exist are taken for the next month's by some runtimes.
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

/** The oldest instant that is still kept, in epoch milliseconds. */
export function retentionStart(now: number): number {
  const date = new Date(now)
  date.setUTCFullYear(date.getUTCFullYear() - RETENTION_YEARS)
  return date.getTime()
}

export function isTooFarInFuture(timestamp: number, now: number): boolean {
  return timestamp > now + MAX_FUTURE_MS
}

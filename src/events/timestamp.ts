/** How far ahead of our clock an event may claim to be. */
const MAX_FUTURE_MS = 24 * 3_600_000
/** The table's TTL. */
const RETENTION_YEARS = 2

/** The usual form, whose parts are all at fixed places. */
const USUAL = /^\d{4}-\d\d-\d\dT[012]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/
const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)$/i

/**
 * Epoch milliseconds of an ISO 8601 date-time with an offset, or of a number that already is epoch milliseconds; undefined for anything else.
 * Fractions below a millisecond are cut off. A date-time without an offset is refused rather than guessed, as are days
 * and times that do not exist (30 February, a leap second).
 */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? Math.trunc(value) : undefined
  if (typeof value !== 'string' || value.length > 64) return undefined
  if (USUAL.test(value)) {
    const parsed = Date.parse(value)
    // Days that do not exist are taken for the next month's by some runtimes.
    if (
      !Number.isNaN(parsed) &&
      new Date(parsed).getUTCDate() === +value.slice(8, 10) &&
      value[11] + value[12]! !== '24'
    )
      return parsed
  }
  const match = ISO_8601.exec(value)
  if (!match) return undefined
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction = '',
    zulu,
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  ] = match
  if (+hour! > 23 || +minute! > 59 || +second > 59 || +offsetHour > 23 || +offsetMinute > 59) return undefined
  const milliseconds = +fraction.padEnd(3, '0').slice(0, 3)
  const local = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second, milliseconds)
  const date = new Date(local)
  if (date.getUTCMonth() !== +month! - 1 || date.getUTCDate() !== +day! || date.getUTCFullYear() !== +year!)
    return undefined
  if (zulu) return local
  const offsetMs = (+offsetHour * 60 + +offsetMinute) * 60_000
  return sign === '-' ? local + offsetMs : local - offsetMs
}

/** The oldest instant that is still kept, in epoch milliseconds. */
export function retentionStart(now: number): number {
  const date = new Date(now)
  date.setUTCFullYear(date.getUTCFullYear() - RETENTION_YEARS)
  return date.getTime()
}

export function isTooFarAhead(timestamp: number, now: number): boolean {
  return timestamp > now + MAX_FUTURE_MS
}

/**
 * The parser of date-times for events, for the parameters of dashboards and for command lines, so that all of them accept the same formats. The caller decides whether the
 * offset may be missing.
 */

/** The accepted formats, for error messages and documentation. */
export const DATE_TIME_FORMATS =
  '2026-01-31T09:30, with seconds (09:30:15) and a fraction of them (09:30:15.123) if need be, T or a blank before the time, and an offset: Z, +01:00, +0100 or +01'

/** Digits below the millisecond are accepted up to this length of the whole text. */
export const MAX_DATE_TIME_LENGTH = 64

export interface ParsedDateTime {
  /** The wall time as if it were UTC, in epoch milliseconds. Digits below the millisecond are dropped. */
  readonly wallTimeMs: number
  /** Wall time minus UTC in milliseconds; undefined when the text has no offset. */
  readonly offsetMs: number | undefined
  /** The precision of the text: a minute, a second or a fraction of it, at least a millisecond. */
  readonly precisionMs: number
}

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?$/i

/** Undefined for other formats, and for days and times that do not exist (30 February, 24:00, a leap second). */
export function parseDateTime(text: string): ParsedDateTime | undefined {
  if (text.length > MAX_DATE_TIME_LENGTH) return undefined
  const match = DATE_TIME.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, offsetHour, offsetMinute = '0'] = match
  if (+hour! > 23 || +minute! > 59 || +(second ?? 0) > 59) return undefined
  const milliseconds = +(fraction ?? '').padEnd(3, '0').slice(0, 3)
  const wallTimeMs = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +(second ?? 0), milliseconds)
  const date = new Date(wallTimeMs)
  if (date.getUTCMonth() !== +month! - 1 || date.getUTCDate() !== +day! || date.getUTCFullYear() !== +year!)
    return undefined
  const precisionMs = second === undefined ? 60_000 : 10 ** Math.max(0, 3 - (fraction ?? '').length)
  if (zulu !== undefined) return { wallTimeMs, offsetMs: 0, precisionMs }
  if (offsetHour === undefined) return { wallTimeMs, offsetMs: undefined, precisionMs }
  if (+offsetHour > 23 || +offsetMinute > 59) return undefined
  const offsetMs = (+offsetHour * 60 + +offsetMinute) * 60_000
  return { wallTimeMs, offsetMs: sign === '-' ? -offsetMs : offsetMs, precisionMs }
}

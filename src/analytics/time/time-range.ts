import { DATE_TIME_FORMATS, parseDateTime } from '../../base/date-time.ts'
import { invalidParameter } from '../../base/errors.ts'
import { findTimeZone, type LocalDate, type TimeZone } from '../../base/time-zone.ts'

export const TIME_RANGE_PRESETS = ['1d', '7d', '30d', '90d'] as const
export type TimeRangePreset = (typeof TIME_RANGE_PRESETS)[number]

/** Epoch milliseconds, both ends included. */
export interface TimeRange {
  readonly start: number
  readonly end: number
}

/** The parameters of a request that choose its range. */
export interface TimeRangeRequest {
  readonly timeRange?: TimeRangePreset | undefined
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
  readonly timezone?: string | undefined
}

const MAX_SPAN_YEARS = 2
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
/** The store's dates cannot hold years far outside of these. */
const [FIRST_YEAR, LAST_YEAR] = [1970, 2200]

export function requireTimeZone(name: string | undefined): TimeZone {
  const zone = findTimeZone(name ?? 'UTC')
  if (!zone) throw invalidParameter('timezone', 'Expected an IANA time zone name such as Europe/Berlin.')
  return zone
}

/**
 * The range of a request: a preset, from 00:00 of the day that many days before today to the end of today, or the given dates. An end includes everything that
 * its text covers: a date its whole day in the zone, a date-time its whole minute, second or part of a second. A date-time without an offset is local to the zone. A local
 * time that the clocks skip is moved forward by the length of the gap; a local time that occurs twice means the first one. Throws a VALIDATION_ERROR that names the parameter.
 */
export function resolveTimeRange(
  request: TimeRangeRequest,
  preset: TimeRangePreset,
  zone: TimeZone,
  now: number,
): TimeRange {
  const today = zone.localDate(now)
  if (request.startDate === undefined) {
    if (request.endDate !== undefined) throw invalidParameter('endDate', 'endDate needs a startDate beside it.')
    const days = Number.parseInt(request.timeRange ?? preset, 10)
    return { start: zone.startOfDay({ ...today, day: today.day - days }), end: dayInterval(today, zone).last }
  }
  const start: NamedText = ['startDate', request.startDate]
  if (request.endDate !== undefined) return resolveDates(start, ['endDate', request.endDate], zone)
  const { first } = parseEndpoint(start, zone)
  const end = dayInterval(today, zone)
  if (first > end.last) throw invalidParameter('startDate', 'startDate lies in the future.')
  return checkedRange('startDate', first, end, zone)
}

/** A parameter with its text. */
type NamedText = readonly [name: string, text: string]

/** The range from the text of a start to that of an end, by the rules of `resolveTimeRange`. Throws a VALIDATION_ERROR that names the parameter. */
export function resolveDates(startText: NamedText, endText: NamedText, zone: TimeZone): TimeRange {
  const [startName] = startText
  const { first } = parseEndpoint(startText, zone)
  const end = parseEndpoint(endText, zone)
  if (first > end.last) throw invalidParameter(startName, `${startName} lies after ${endText[0]}.`)
  return checkedRange(startName, first, end, zone)
}

function checkedRange(startName: string, start: number, end: CoveredInterval, zone: TimeZone): TimeRange {
  const local = zone.wallTime(start)
  const limit = zone.toInstant(local.setUTCFullYear(local.getUTCFullYear() + MAX_SPAN_YEARS))
  // The same day, minute or second two years later is still included as a whole.
  if (end.first > limit) throw invalidParameter(startName, `The range spans more than ${MAX_SPAN_YEARS} years.`)
  return { start, end: end.last }
}

/** The first and last instant that the text of a start or an end covers. */
interface CoveredInterval {
  readonly first: number
  readonly last: number
}

function dayInterval(date: LocalDate, zone: TimeZone): CoveredInterval {
  return { first: zone.startOfDay(date), last: zone.startOfDay({ ...date, day: date.day + 1 }) - 1 }
}

function parseEndpoint([parameter, text]: NamedText, zone: TimeZone): CoveredInterval {
  const date = parseDate(text)
  if (date) return dayInterval(date, zone)
  const dateTime = parseDateTime(text)
  const year = dateTime && new Date(dateTime.wallTimeMs).getUTCFullYear()
  if (!dateTime || year! < FIRST_YEAR || year! > LAST_YEAR)
    throw invalidParameter(parameter, describeExpectedFormat(text))
  const { wallTimeMs, offsetMs, precisionMs } = dateTime
  const first = offsetMs === undefined ? zone.toInstant(wallTimeMs) : wallTimeMs - offsetMs
  return { first, last: first + precisionMs - 1 }
}

/** An unescaped `+` of a query string is decoded as a space. */
const UNESCAPED_PLUS = / (?=\d\d(?::?\d\d)?$)/

function describeExpectedFormat(text: string): string {
  if (parseDateTime(text.replace(UNESCAPED_PLUS, '+')))
    return 'There is a blank before the offset. A + in an address means a blank: write it as %2B.'
  return `Expected a date (2026-01-31) or a date-time (${DATE_TIME_FORMATS}; without an offset it is local to the timezone), from ${FIRST_YEAR} to ${LAST_YEAR}.`
}

function parseDate(text: string): LocalDate | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [year, month, day] = [+match[1]!, +match[2]!, +match[3]!]
  const check = new Date(Date.UTC(year, month - 1, day))
  if (year < FIRST_YEAR || year > LAST_YEAR || check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day)
    return undefined
  return { year, month, day }
}

import { invalid } from '../errors.ts'
import { findZone, type LocalDate, type Zone } from '../zone.ts'

export const TIME_RANGE_PRESETS = ['1d', '7d', '30d', '90d'] as const
export type TimeRangePreset = (typeof TIME_RANGE_PRESETS)[number]

/** Epoch milliseconds, both ends included. */
export interface TimeRange {
  readonly start: number
  readonly end: number
}

/** A dashboard's range as it was asked for. */
export interface TimeRangeRequest {
  readonly timeRange?: TimeRangePreset | undefined
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
  readonly timezone?: string | undefined
}

const MAX_SPAN_YEARS = 2
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/

export function requireZone(name: string | undefined): Zone {
  const zone = findZone(name ?? 'UTC')
  if (!zone) throw invalid('timezone', 'Expected an IANA time zone name such as Europe/Berlin.')
  return zone
}

/**
 * The instants a request asks for: from 00:00 of the day that many days before today to the end of today, or the given dates. A date means its whole day in
 * the zone, and a date-time without an offset is local to the zone. Throws a VALIDATION_ERROR that names the parameter.
 */
export function resolveTimeRange(
  request: TimeRangeRequest,
  preset: TimeRangePreset,
  zone: Zone,
  now: number,
): TimeRange {
  const today = zone.localDate(now)
  const endOfToday = lastInstant(today, zone)
  if (request.startDate === undefined) {
    if (request.endDate !== undefined) throw invalid('endDate', 'endDate needs a startDate beside it.')
    const days = Number.parseInt(request.timeRange ?? preset, 10)
    return { start: zone.startOfDay({ ...today, day: today.day - days }), end: endOfToday }
  }
  const start = parseEdge('startDate', request.startDate, zone, (date) => zone.startOfDay(date))
  const end =
    request.endDate === undefined
      ? endOfToday
      : parseEdge('endDate', request.endDate, zone, (date) => lastInstant(date, zone))
  if (start > end)
    throw invalid(
      'startDate',
      request.endDate === undefined ? 'startDate lies in the future.' : 'startDate lies after endDate.',
    )
  const local = zone.local(start)
  const limit = zone.instantOf(local.setUTCFullYear(local.getUTCFullYear() + MAX_SPAN_YEARS))
  if (end > limit) throw invalid('startDate', `The range spans more than ${MAX_SPAN_YEARS} years.`)
  return { start, end }
}

function lastInstant(date: LocalDate, zone: Zone): number {
  return zone.startOfDay({ ...date, day: date.day + 1 }) - 1
}

function parseEdge(path: string, text: string, zone: Zone, ofDate: (date: LocalDate) => number): number {
  const whole = parseDate(text)
  if (whole) return ofDate(whole)
  const [, dateText, hour, minute, second = '0', fraction = '', offset] = DATE_TIME.exec(text) ?? []
  const date = dateText === undefined ? undefined : parseDate(dateText)
  if (!date || +hour! > 23 || +minute! > 59 || +second > 59)
    throw invalid(path, 'Expected an ISO 8601 date (2026-01-31) or date-time (2026-01-31T09:30:00Z).')
  const wall = Date.UTC(
    date.year,
    date.month - 1,
    date.day,
    +hour!,
    +minute!,
    +second,
    +fraction.padEnd(3, '0').slice(0, 3),
  )
  if (offset === undefined) return zone.instantOf(wall)
  if (offset === 'Z') return wall
  const [offsetHours, offsetMinutes] = [+offset.slice(1, 3), +offset.slice(-2)]
  if (offsetHours > 23 || offsetMinutes > 59) throw invalid(path, 'The offset of the date-time does not exist.')
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000
  return offset.startsWith('-') ? wall + offsetMs : wall - offsetMs
}

function parseDate(text: string): LocalDate | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [year, month, day] = [+match[1]!, +match[2]!, +match[3]!]
  const check = new Date(Date.UTC(year, month - 1, day))
  // Years far off would not fit the store's dates.
  if (year < 1970 || year > 2200 || check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) return undefined
  return { year, month, day }
}

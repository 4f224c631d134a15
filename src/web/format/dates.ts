import type { Granularity } from '../../analytics/time/buckets.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { messages } from '../messages/messages.ts'
import { dateFormat } from './locale.ts'

const BUCKET_FORMATS: Readonly<Record<Granularity, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  week: { day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
}
const TWO_HOURS_MS = 7_200_000
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

/** The name of a bucket by its start (epoch milliseconds). Hours near a change of the clocks also show their offset from UTC, because local time may show an hour twice. */
export function createBucketFormatter(granularity: Granularity, timeZone: string): (start: number) => string {
  const options = { ...BUCKET_FORMATS[granularity], ...(granularity === 'hour' && hourDigits()), timeZone }
  const format = dateFormat(options)
  if (granularity === 'week') return (start) => messages().chart.weekOf(format.format(start))
  if (granularity !== 'hour') return (start) => format.format(start)
  const formatWithOffset = dateFormat({ ...options, timeZoneName: 'shortOffset' })
  const zone = findTimeZone(timeZone)!
  const isNearClockChange = (start: number) =>
    zone.offsetAt(start - TWO_HOURS_MS) !== zone.offsetAt(start) ||
    zone.offsetAt(start + TWO_HOURS_MS) !== zone.offsetAt(start)
  return (start) => (isNearClockChange(start) ? formatWithOffset : format).format(start)
}

interface LocalDates {
  readonly start: string
  readonly end: string
}

/** Formats two local dates such as 2026-11-22 as "22 – 29 Nov 2026". */
export function formatDates({ start, end }: LocalDates): string {
  return dateFormat({ dateStyle: 'medium', timeZone: 'UTC' }).formatRange(Date.parse(start), Date.parse(end))
}

/** The same without the year. */
export function formatShortDates({ start, end }: LocalDates): string {
  return dateFormat({ day: 'numeric', month: 'short', timeZone: 'UTC' }).formatRange(Date.parse(start), Date.parse(end))
}

export function formatTime(instant: number, timeZone: string, timeStyle: 'medium' | 'short' = 'medium'): string {
  return dateFormat({ timeStyle, timeZone }).format(instant)
}

export function formatDateTime(instant: number, timeZone: string): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(instant)
}

/** The same with seconds. */
export function formatSecond(instant: number, timeZone: string): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(instant)
}

/** The name of a weekday; Monday is 0. */
export function weekdayName(weekday: number, weekdayStyle: 'long' | 'short'): string {
  return dateFormat({ weekday: weekdayStyle, timeZone: 'UTC' }).format(MONDAY + weekday * DAY_MS)
}

/** The name of an hour of the day: "9 AM", or "09:00" in languages whose day has 24 hours. */
export function hourName(hour: number): string {
  return wholeHourFormat('UTC').format(MONDAY + hour * 3_600_000)
}

/** A format of instants at which an hour begins, such as "9 AM" or "09:00". */
export function wholeHourFormat(timeZone: string): Intl.DateTimeFormat {
  const digits = hourDigits()
  return dateFormat(digits.hour === 'numeric' ? { ...digits, timeZone } : { ...digits, minute: '2-digit', timeZone })
}

/** "9 AM", but "09:00" where the day has 24 hours. */
function hourDigits(): { readonly hour: 'numeric' | '2-digit' } {
  return { hour: dateFormat({ hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit' }
}

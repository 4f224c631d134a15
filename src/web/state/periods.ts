import type { Granularity } from '../../analytics/time/buckets.ts'
import { findTimeZone, type LocalDate } from '../../base/time-zone.ts'
import { type DateRange, formatDay } from './date-range.ts'
import type { ViewState } from './view-state.ts'

const DAY_MS = 86_400_000

/** The first and the last selected day. */
export function datesOf({ dates, range, zone }: Pick<ViewState, 'dates' | 'range' | 'zone'>, now: number): DateRange {
  if (dates) return dates
  const today = utcDayStart(findTimeZone(zone)!.localDate(now))
  return { start: formatDay(today - Number.parseInt(range, 10) * DAY_MS), end: formatDay(today) }
}

/** The number of days of a range. */
export function daysOf({ start, end }: DateRange): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS) + 1
}

/** As many days directly before a range. */
export function datesBefore(dates: DateRange): DateRange {
  const start = Date.parse(dates.start)
  return { start: formatDay(start - daysOf(dates) * DAY_MS), end: formatDay(start - DAY_MS) }
}

/** The default granularity of a range: hours up to three days, days up to 120 days, then weeks. */
export function defaultGranularity(days: number, available: readonly Granularity[]): Granularity | undefined {
  const wanted = days <= 3 ? 'hour' : days <= 120 ? 'day' : 'week'
  return available.includes(wanted) ? wanted : available.at(-1)
}

function utcDayStart({ year, month, day }: LocalDate): number {
  return Date.UTC(year, month - 1, day)
}

import type { Granularity } from '../../analytics/time/buckets.ts'
import { findTimeZone, type LocalDate, type TimeZone } from '../../base/time-zone.ts'
import { type DateRange, formatDay } from './date-range.ts'
import type { ViewState } from './view-state.ts'

const DAY_MS = 86_400_000
const QUARTER_HOUR_MS = 900_000

/** Two edges in the form of the API: a local date for a whole day, or an instant. */
export interface Period {
  readonly startDate: string
  readonly endDate: string
}

interface PeriodDetails {
  readonly days: number
  readonly previous: Period
  /** The days of the previous period, the last of which may be incomplete. */
  readonly previousDates: DateRange
  /** Whether the days include today. */
  readonly includesToday: boolean
}

/**
 * The selected days, and as many days before them for comparison. If the days include today, the previous period ends at the same time of day; otherwise the
 * incomplete day would appear as a decrease.
 */
export function periodsOf(viewState: ViewState, now: number): PeriodDetails {
  const zone = findTimeZone(viewState.zone)!
  const today = utcDayStart(zone.localDate(now))
  const dates = datesOf(viewState, now)
  const [start, end] = [Date.parse(dates.start), Date.parse(dates.end)]
  const days = Math.max(1, Math.round((end - start) / DAY_MS) + 1)
  const startDate = formatDay(start - days * DAY_MS)
  const includesToday = start <= today && today <= end
  return {
    days,
    includesToday,
    previousDates: { start: startDate, end: formatDay(start - DAY_MS) },
    previous: {
      startDate,
      endDate: includesToday ? sameTimeEarlier(zone, now, days) : formatDay(start - DAY_MS),
    },
  }
}

/** The first and the last selected day. */
export function datesOf({ dates, range, zone }: Pick<ViewState, 'dates' | 'range' | 'zone'>, now: number): DateRange {
  if (dates) return dates
  const today = utcDayStart(findTimeZone(zone)!.localDate(now))
  return { start: formatDay(today - Number.parseInt(range, 10) * DAY_MS), end: formatDay(today) }
}

/** The default granularity of a range: hours up to three days, days up to 120 days, then weeks. */
export function defaultGranularity(days: number, available: readonly Granularity[]): Granularity | undefined {
  const wanted = days <= 3 ? 'hour' : days <= 120 ? 'day' : 'week'
  return available.includes(wanted) ? wanted : available.at(-1)
}

/** The instant some days ago with the same local time as now, rounded to a quarter of an hour, because the store aggregates quarters of an hour in advance. */
function sameTimeEarlier(zone: TimeZone, now: number, days: number): string {
  const wall = zone.wallTime(now).getTime() - days * DAY_MS
  return new Date(zone.toInstant(Math.ceil(wall / QUARTER_HOUR_MS) * QUARTER_HOUR_MS) - 1).toISOString()
}

function utcDayStart({ year, month, day }: LocalDate): number {
  return Date.UTC(year, month - 1, day)
}

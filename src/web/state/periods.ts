import type { Granularity } from '../../analytics/time/buckets.ts'
import { findTimeZone, type LocalDate, type TimeZone } from '../../base/time-zone.ts'
import type { ViewState } from './view-state.ts'

const DAY_MS = 86_400_000
const QUARTER_HOUR_MS = 900_000

/** Two edges as the service reads them: a local date for its whole day, or an instant. */
export interface Period {
  readonly startDate: string
  readonly endDate: string
}

interface PeriodDetails {
  readonly days: number
  readonly previous: Period
  /** Whether today is among the days. */
  readonly includesToday: boolean
}

/**
 * The days that are looked at, and as many before them to compare with. Where today is among the days, the ones before end at the same time of day, else a day that
 * has only begun would look like a loss.
 */
export function periodsOf(viewState: ViewState, now: number): PeriodDetails {
  const zone = findTimeZone(viewState.zone)!
  const today = utcDayStart(zone.localDate(now))
  const [start, end] = viewState.dates
    ? [Date.parse(viewState.dates.start), Date.parse(viewState.dates.end)]
    : [today - Number.parseInt(viewState.range, 10) * DAY_MS, today]
  const days = Math.max(1, Math.round((end - start) / DAY_MS) + 1)
  const startDate = formatDate(start - days * DAY_MS)
  const includesToday = start <= today && today <= end
  return {
    days,
    includesToday,
    previous: {
      startDate,
      endDate: includesToday ? sameTimeEarlier(zone, now, days) : formatDate(start - DAY_MS),
    },
  }
}

/** What suits a range: hours for a day or two, weeks for more than a season. */
export function defaultGranularity(days: number, available: readonly Granularity[]): Granularity | undefined {
  const wanted = days <= 3 ? 'hour' : days <= 120 ? 'day' : 'week'
  return available.includes(wanted) ? wanted : available.at(-1)
}

/** The instant so many days ago at which local clocks showed what they show now, on a quarter of an hour: the store knows those ready made. */
function sameTimeEarlier(zone: TimeZone, now: number, days: number): string {
  const wall = zone.wallTime(now).getTime() - days * DAY_MS
  return new Date(zone.toInstant(Math.ceil(wall / QUARTER_HOUR_MS) * QUARTER_HOUR_MS) - 1).toISOString()
}

function utcDayStart({ year, month, day }: LocalDate): number {
  return Date.UTC(year, month - 1, day)
}

function formatDate(day: number): string {
  return new Date(day).toISOString().slice(0, 10)
}

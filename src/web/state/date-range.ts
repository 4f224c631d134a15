/** Ranges of local dates: those that have a name, and what makes a range impossible. */
import { mondayBasedWeekday } from '../../analytics/time/buckets.ts'
import type { TimeZone } from '../../base/time-zone.ts'

/** Local dates such as 2026-01-31, both included. */
export interface DateRange {
  readonly start: string
  readonly end: string
}

/** The named ranges that the address keeps as dates: a shared link shows the same days tomorrow. Where two of them are the same days, the first one gives the name. */
export const DATE_PRESETS = ['today', 'yesterday', 'thisWeek', 'lastWeek', 'thisMonth', 'lastMonth'] as const
export type DatePreset = (typeof DATE_PRESETS)[number]

/** The days of a named range in a zone. Weeks start on Monday; the current week and month end today. */
export function datesOfPreset(preset: DatePreset, zone: TimeZone, now: number): DateRange {
  const { year, month, day } = zone.localDate(now)
  const monday = day - mondayBasedWeekday(zone.wallTime(now))
  // Days and months may overflow.
  const date = (inMonth: number, inDay: number) => formatDay(Date.UTC(year, inMonth - 1, inDay))
  const today = date(month, day)
  const yesterday = date(month, day - 1)
  const ranges: Readonly<Record<DatePreset, DateRange>> = {
    today: { start: today, end: today },
    yesterday: { start: yesterday, end: yesterday },
    thisWeek: { start: date(month, monday), end: today },
    lastWeek: { start: date(month, monday - 7), end: date(month, monday - 1) },
    thisMonth: { start: date(month, 1), end: today },
    lastMonth: { start: date(month - 1, 1), end: date(month, 0) },
  }
  return ranges[preset]
}

/** The name of a range of days; undefined when it has none. */
export function datePresetOf({ start, end }: DateRange, zone: TimeZone, now: number): DatePreset | undefined {
  return DATE_PRESETS.find((preset) => {
    const dates = datesOfPreset(preset, zone, now)
    return dates.start === start && dates.end === end
  })
}

/** The first and the last day that the service accepts. */
export const DATE_BOUNDS: DateRange = { start: '1970-01-01', end: '2200-12-31' }
const MAX_SPAN_YEARS = 2
const DATE = /^\d{4}-\d\d-\d\d$/

/** The reason why the service would reject a range, by the name of its text in the messages. */
export type DateRangeProblem = 'bothDays' | 'outOfBounds' | 'wrongOrder' | 'tooLong'

/** Checks typed dates by the rules of the service; undefined when the range is valid. */
export function dateRangeProblemOf({ start, end }: DateRange): DateRangeProblem | undefined {
  if (!isDate(start) || !isDate(end)) return 'bothDays'
  if ([start, end].some((date) => date < DATE_BOUNDS.start || date > DATE_BOUNDS.end)) return 'outOfBounds'
  if (start > end) return 'wrongOrder'
  const lastDay = new Date(start)
  lastDay.setUTCFullYear(lastDay.getUTCFullYear() + MAX_SPAN_YEARS)
  return Date.parse(end) > lastDay.getTime() ? 'tooLong' : undefined
}

/** Whether a text is a day of the calendar. Some engines read 31 February as 3 March. */
function isDate(text: string): boolean {
  const day = DATE.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(day) && formatDay(day) === text
}

/** Formats the start of a day in UTC as a date. */
export function formatDay(day: number): string {
  return new Date(day).toISOString().slice(0, 10)
}

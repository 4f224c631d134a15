import type { TimeZone } from '../../base/time-zone.ts'
import type { TimeRange } from './time-range.ts'

export const COMPARISONS = ['none', 'previous', 'year', 'custom'] as const
export type ComparisonKind = Exclude<(typeof COMPARISONS)[number], 'none'>
export const ALIGNMENTS = ['weekday', 'date'] as const
export type Alignment = (typeof ALIGNMENTS)[number]

/** A range and the older one that it is compared with. */
export interface ComparedRange {
  readonly range: TimeRange
  readonly older: TimeRange
  /** The instant of the older range that corresponds to an instant of the range: the same local time, on a date that is some dates earlier. */
  shift(instant: number): number
}

/** Both sides of a comparison at an instant. A side without any time has an end before its start. */
export interface ComparedSides {
  readonly current: TimeRange
  readonly older: TimeRange
  /** Whether the range had not ended, so that both sides end at the same local time of corresponding dates. */
  readonly isPartial: boolean
}

/** How the older range is chosen: `custom` with the range itself, the others with what keeps its place, the weekday or the date. */
export type ComparisonChoice =
  | { readonly compare: 'custom'; readonly older: TimeRange }
  | { readonly compare: 'previous' | 'year'; readonly align: Alignment }

const DAY_MS = 86_400_000
const DAYS_PER_WEEK = 7
/** 52 weeks. */
const WEEKDAY_YEAR_DAYS = 364

/**
 * The older range of a range that touches N local dates, moved by whole local dates:
 * - `previous`: N dates earlier, or N rounded up to whole weeks, so that weekdays stay;
 * - `year`: the same month and day one year earlier, 28 February for the 29th; or 364 dates, so that weekdays stay;
 * - `custom`: the given range; instants move by the dates between the two starts.
 *
 * An edge at the start or the end of a local date stays there, however long the dates are. Every other edge keeps its local time of day: a time that the clocks skip is
 * moved forward by the length of the gap, and one that occurs twice is the first.
 */
export function comparedRange(range: TimeRange, zone: TimeZone, choice: ComparisonChoice): ComparedRange {
  const moveDate = dateShift(range, zone, choice)
  const shift = (instant: number) => {
    const { date, timeOfDay } = localTime(instant, zone)
    return zone.toInstant(moveDate(date) + timeOfDay)
  }
  const edge = (instant: number) => {
    const { date } = localTime(instant, zone)
    return instant === startOfDate(date, zone) ? startOfDate(moveDate(date), zone) : shift(instant)
  }
  const endEdge = (instant: number) => {
    const { date } = localTime(instant, zone)
    const isWholeDate = instant + 1 === startOfDate(date + DAY_MS, zone)
    return isWholeDate ? startOfDate(moveDate(date) + DAY_MS, zone) - 1 : shift(instant)
  }
  const older = choice.compare === 'custom' ? choice.older : { start: edge(range.start), end: endEdge(range.end) }
  return { range, older, shift }
}

/** The sides as far as they had elapsed at an instant. */
export function sidesAt({ range, older, shift }: ComparedRange, asOf: number): ComparedSides {
  const isPartial = range.end > asOf
  return isPartial
    ? { current: cut(range, asOf), older: cut(older, shift(asOf)), isPartial }
    : { current: range, older, isPartial }
}

function cut({ start, end }: TimeRange, at: number): TimeRange {
  return { start, end: Math.max(start - 1, Math.min(end, at)) }
}

/** Moves a local date (its midnight as if it were UTC) from the range to the older one. */
function dateShift({ start, end }: TimeRange, zone: TimeZone, choice: ComparisonChoice): (date: number) => number {
  const firstDate = localTime(start, zone).date
  if (choice.compare === 'custom') {
    const distance = firstDate - localTime(choice.older.start, zone).date
    return (date) => date - distance
  }
  const keepsWeekdays = choice.align === 'weekday'
  if (choice.compare === 'year')
    return keepsWeekdays ? (date) => date - WEEKDAY_YEAR_DAYS * DAY_MS : (date) => oneYearEarlier(date)
  const dates = (localTime(end, zone).date - firstDate) / DAY_MS + 1
  const distance = keepsWeekdays ? Math.ceil(dates / DAYS_PER_WEEK) * DAYS_PER_WEEK : dates
  return (date) => date - distance * DAY_MS
}

function oneYearEarlier(date: number): number {
  const local = new Date(date)
  const [year, month, day] = [local.getUTCFullYear() - 1, local.getUTCMonth(), local.getUTCDate()]
  // 29 February is the only day that the year before can lack.
  return month === 1 && day === 29 ? Date.UTC(year, month, 28) : Date.UTC(year, month, day)
}

/** The local date of an instant, as its midnight if it were UTC, and the local time since then. */
function localTime(instant: number, zone: TimeZone): { readonly date: number; readonly timeOfDay: number } {
  const wallTime = zone.wallTime(instant).getTime()
  const date = Math.floor(wallTime / DAY_MS) * DAY_MS
  return { date, timeOfDay: wallTime - date }
}

function startOfDate(date: number, zone: TimeZone): number {
  const local = new Date(date)
  return zone.startOfDay({ year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() })
}

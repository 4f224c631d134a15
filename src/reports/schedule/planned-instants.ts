/**
 * The instants at which a schedule runs: local dates of its zone at one time of day. A time that the clocks skip runs later by the length of the gap, a time that they
 * show twice runs at the first.
 */
import { findTimeZone, type TimeZone } from '../../base/time-zone.ts'
import type { Recurrence, ScheduleTiming } from './schedule.ts'
import { WEEKDAYS } from './weekdays.ts'

const DAY_MS = 86_400_000
/** No recurrence leaves more days between two of its dates; the search ends there when a recurrence has no date at all. */
const MAX_DAYS_BETWEEN = 62
/** A zone can skip a whole local day, and a skipped time moves into the next one. */
const DAYS_BEFORE = 2

/**
 * The first `count` planned instants after `after`, ascending, in epoch milliseconds. Two local dates whose planned times are one instant (a zone skips the whole day
 * between them) give it once. Throws a RangeError for an unknown zone.
 */
export function plannedInstants(timing: ScheduleTiming, after: number, count: number): number[] {
  const found: number[] = []
  for (const instant of instantsFrom(timing, after)) {
    if (found.length >= count) break
    if (instant > after && instant !== found.at(-1)) found.push(instant)
  }
  return found
}

/** The planned instants in (`after`, `until`], the newest `limit` of them, ascending. Reads as many local dates as the range has, so callers bound the range. */
export function plannedInstantsWithin(timing: ScheduleTiming, after: number, until: number, limit: number): number[] {
  const found: number[] = []
  for (const instant of instantsFrom(timing, after)) {
    if (instant > until) break
    if (instant <= after || instant === found.at(-1)) continue
    found.push(instant)
    if (found.length > limit) found.shift()
  }
  return found
}

/** Every planned instant from about two days before `after` on. */
function* instantsFrom({ every, timezone }: ScheduleTiming, after: number): Generator<number> {
  const zone = zoneOf(timezone)
  const { year, month, day } = zone.localDate(after)
  const timeMs = timeOfDayMs(every.time)
  let date = Date.UTC(year, month - 1, day) - DAYS_BEFORE * DAY_MS
  for (let daysWithout = 0; daysWithout <= MAX_DAYS_BETWEEN; date += DAY_MS, daysWithout++) {
    if (!isPlannedDate(every, new Date(date))) continue
    daysWithout = 0
    yield zone.toInstant(date + timeMs)
  }
}

function isPlannedDate({ kind, weekdays = [], day = 'last' }: Recurrence, date: Date): boolean {
  if (kind === 'daily') return true
  // The list begins with Monday, and the days of a date with Sunday.
  if (kind === 'weekly') return weekdays.includes(WEEKDAYS[(date.getUTCDay() + 6) % WEEKDAYS.length]!)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  return date.getUTCDate() === (day === 'last' ? lastDay : Math.min(day, lastDay))
}

function timeOfDayMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

function zoneOf(timezone: string): TimeZone {
  const zone = findTimeZone(timezone)
  if (!zone) throw new RangeError(`Unknown time zone: ${timezone}`)
  return zone
}

/** The local date of a planned instant, `YYYY-MM-DD`: the date that the subject of a mail names. */
export function localDateText(timezone: string, instant: number): string {
  const { year, month, day } = zoneOf(timezone).localDate(instant)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

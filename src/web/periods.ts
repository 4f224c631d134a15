import type { Granularity } from '../analytics/buckets.ts'
import { findZone, type LocalDate, type Zone } from '../zone.ts'
import type { Asked } from './address.ts'

const DAY_MS = 86_400_000
const QUARTER_HOUR_MS = 900_000

/** Two edges as the service reads them: a local date for its whole day, or an instant. */
export interface Period {
  readonly startDate: string
  readonly endDate: string
}

interface Periods {
  readonly days: number
  readonly before: Period
  /** Whether today is among the days. */
  readonly holdsNow: boolean
}

/**
 * The days that are looked at, and as many before them to compare with. Where today is among the days, the ones before end at the same time of day, else a day that
 * has only begun would look like a loss.
 */
export function periodsOf(asked: Asked, now: number): Periods {
  const zone = findZone(asked.zone)!
  const today = dayOf(zone.localDate(now))
  const [start, end] = asked.dates
    ? [Date.parse(asked.dates.start), Date.parse(asked.dates.end)]
    : [today - Number.parseInt(asked.range, 10) * DAY_MS, today]
  const days = Math.max(1, Math.round((end - start) / DAY_MS) + 1)
  const startDate = dateText(start - days * DAY_MS)
  const holdsNow = start <= today && today <= end
  return {
    days,
    holdsNow,
    before: {
      startDate,
      endDate: holdsNow ? sameTime(zone, now, days) : dateText(start - DAY_MS),
    },
  }
}

/** What suits a range: hours for a day or two, weeks for more than a season. */
export function suitingGranularity(days: number, possible: readonly Granularity[]): Granularity | undefined {
  const wanted = days <= 3 ? 'hour' : days <= 120 ? 'day' : 'week'
  return possible.includes(wanted) ? wanted : possible.at(-1)
}

/** The instant so many days ago at which local clocks showed what they show now, on a quarter of an hour: the store knows those ready made. */
function sameTime(zone: Zone, now: number, days: number): string {
  const wall = zone.local(now).getTime() - days * DAY_MS
  return new Date(zone.instantOf(Math.ceil(wall / QUARTER_HOUR_MS) * QUARTER_HOUR_MS) - 1).toISOString()
}

function dayOf({ year, month, day }: LocalDate): number {
  return Date.UTC(year, month - 1, day)
}

function dateText(day: number): string {
  return new Date(day).toISOString().slice(0, 10)
}

import { type Range, dayOf, firstInstantOf, localDay } from './zone.ts'

export interface RangeQuery {
  readonly timeRange?: string
  readonly startDate?: string
  readonly endDate?: string
}

const DAYS_BACK: Readonly<Record<string, number>> = { '1d': 1, '7d': 7, '30d': 30, '90d': 90 }

/** The range of valid parameters at `nowMs`; dates take precedence over the preset, and a date is a whole day in `zone`. */
export function resolveRange(query: RangeQuery, defaultPreset: string, zone: string, nowMs: number): Range {
  const today = localDay(nowMs, zone)
  const endOfToday = firstInstantOf(today + 1, zone) - 1
  if (query.startDate !== undefined) {
    return {
      startMs: isDate(query.startDate) ? firstInstantOf(dayOf(query.startDate), zone) : Date.parse(query.startDate),
      endMs: query.endDate === undefined ? endOfToday : lastInstantOf(query.endDate, zone),
    }
  }
  const daysBack = DAYS_BACK[query.timeRange ?? defaultPreset]
  if (daysBack === undefined) throw new Error(`The oracle knows no preset ${query.timeRange ?? defaultPreset}.`)
  return { startMs: firstInstantOf(today - daysBack, zone), endMs: endOfToday }
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

/** A date-time lasts as long as its precision: a minute, a second, a fraction of a second. Only date-times with an offset are used here. */
function lastInstantOf(text: string, zone: string): number {
  if (isDate(text)) return firstInstantOf(dayOf(text) + 1, zone) - 1
  const [, seconds, digits = ''] = /T\d\d:\d\d(:\d\d(?:\.(\d+))?)?/.exec(text) ?? []
  return Date.parse(text) + (seconds === undefined ? 60_000 : Math.max(1, 1_000 / 10 ** digits.length)) - 1
}

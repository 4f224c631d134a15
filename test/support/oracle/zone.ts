/**
 * Calendar arithmetic of the oracle in its simplest form: local times come from Intl, and edges of days are found by
 * checking every quarter of an hour. All instants are epoch milliseconds. A "day" is the number of days between
 * 1970-01-01 and a local date.
 *
 * It relies on one fact: since 1973 every zone's offset, and every change of one, falls on a quarter of an hour.
 */
export type Granularity = 'hour' | 'day' | 'week' | 'month'

export interface Range {
  readonly startMs: number
  /** The last millisecond of the range. */
  readonly endMs: number
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const QUARTER_MS = HOUR_MS / 4

const clocks = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, Map<number, number>>()
const firstInstants = new Map<string, number>()

/** The offset of `zone` from UTC at that instant. */
export function offsetMs(instantMs: number, zone: string): number {
  const quarterMs = Math.floor(instantMs / QUARTER_MS) * QUARTER_MS
  let known = offsets.get(zone)
  if (!known) offsets.set(zone, (known = new Map<number, number>()))
  let offset = known.get(quarterMs)
  if (offset === undefined) known.set(quarterMs, (offset = wallClockMs(quarterMs, zone) - quarterMs))
  return offset
}

function wallClockMs(instantMs: number, zone: string): number {
  let clock = clocks.get(zone)
  if (!clock) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
    clock = new Intl.DateTimeFormat('en-US', { ...fields, timeZone: zone, hourCycle: 'h23' })
    clocks.set(zone, clock)
  }
  const shown: Record<string, number> = {}
  for (const part of clock.formatToParts(instantMs)) shown[part.type] = Number(part.value)
  const { year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN } = shown
  return Date.UTC(year, month - 1, day, hour, minute)
}

export function localDay(instantMs: number, zone: string): number {
  return Math.floor((instantMs + offsetMs(instantMs, zone)) / DAY_MS)
}

/** 0 to 23 in local time. */
export function localHour(instantMs: number, zone: string): number {
  return Math.floor((instantMs + offsetMs(instantMs, zone)) / HOUR_MS) % 24
}

/** 0 is Monday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}

/** The day of a `YYYY-MM-DD`. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The first instant of a date: midnight, or the next local time where the clocks skip midnight. */
export function firstInstantOf(day: number, zone: string): number {
  const key = `${zone} ${day}`
  let instantMs = firstInstants.get(key)
  if (instantMs === undefined) {
    instantMs = day * DAY_MS - 15 * HOUR_MS
    while (localDay(instantMs, zone) < day) instantMs += QUARTER_MS
    firstInstants.set(key, instantMs)
  }
  return instantMs
}

/** The start of the calendar bucket that holds the instant; weeks start on Monday. */
export function bucketStart(instantMs: number, granularity: Granularity, zone: string): number {
  if (granularity === 'hour') return instantMs - ((instantMs + offsetMs(instantMs, zone)) % HOUR_MS)
  const day = localDay(instantMs, zone)
  if (granularity === 'day') return firstInstantOf(day, zone)
  if (granularity === 'week') return firstInstantOf(day - weekdayOf(day), zone)
  return firstInstantOf(dayOf(`${dateOf(day).slice(0, 7)}-01`), zone)
}

/** The starts of all buckets that touch the range, ascending. */
export function bucketStarts(range: Range, granularity: Granularity, zone: string): number[] {
  const starts = new Set<number>()
  for (let at = range.startMs; at < range.endMs; at += QUARTER_MS) starts.add(bucketStart(at, granularity, zone))
  starts.add(bucketStart(range.endMs, granularity, zone))
  return [...starts]
}

/** UTC in ISO 8601; whole seconds are written without milliseconds. */
export function instantText(instantMs: number): string {
  return new Date(instantMs).toISOString().replace('.000Z', 'Z')
}

/**
 * Ranges with buckets of unequal length: they end at the edge of a day, week or month, on days with clock changes, in a longer or shorter last bucket, or inside one
 * bucket. Random instants rarely hit these cases: of the instants of a year, one in three thousand lies in the additional hour of a day of 25 hours.
 */
import {
  DAY_MS,
  HOUR_MS,
  bucketStart,
  bucketStarts,
  dateOf,
  dayOf,
  firstInstantOf,
  localDay,
  weekdayOf,
  type Granularity,
} from '../oracle/zone.ts'
import type { Chance } from '../base/random.ts'

export interface RangeCase {
  readonly zone: string
  /** As in an address: dates or instants. */
  readonly startDate: string
  readonly endDate: string
  /** The instant of the query: one day after the end of the range. */
  readonly nowMs: number
  /** Instants of likely off-by-one errors: the edges of the range, and those of its first and last buckets. */
  readonly edgesMs: readonly number[]
}

/**
 * Zones with clock changes of half an hour, on unusual dates, around Ramadan, of two hours, at midnight, formerly only (São Paulo until 2019), and
 * zones without changes but with unusual offsets. Apia skipped 30 December 2011.
 */
export const ODD_ZONES = [
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Australia/Adelaide', 'Pacific/Chatham', 'UTC'],
  ...['America/Sao_Paulo', 'America/Havana', 'Africa/Cairo', 'Africa/Casablanca', 'Antarctica/Troll'],
  ...['Pacific/Apia', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'Asia/Beirut', 'America/Santiago'],
] as const

const FIRST_DAY = Date.UTC(2011, 0, 1) / DAY_MS
const LAST_DAY = Date.UTC(2027, 11, 31) / DAY_MS
/** The granularity for which the range is made. */
const LENGTHS = [1, 2, 2, 2, 2, 3, 5]
/** March, May, July, October, December. */
const MONTHS_BEHIND_SHORTER = [2, 4, 6, 9, 11]
const BEFORE_END_MS = [0, 0, 1, 1_000, 1_800_000, HOUR_MS, 5_400_000, 10 * HOUR_MS]

/** A range in a zone. */
export function rangeCaseOf(zone: string, chance: Chance): RangeCase {
  const size = chance.pick<Granularity>(['hour', 'day', 'day', 'week', 'month', 'month'])
  const lastDay = lastDayOf(zone, size, chance)
  const dayEndMs = firstInstantOf(lastDay + 1, zone) - 1
  const endMs = dayEndMs - chance.pick(BEFORE_END_MS)
  let startMs = bucketStart(endMs, size, zone)
  for (let left = chance.pick(LENGTHS); left > 1; left--) startMs = bucketStart(startMs - 1, size, zone)
  startMs = Math.min(endMs, startMs + (chance.hits(0.4) ? chance.below(3 * HOUR_MS) : 0))
  const isOfDays = size !== 'hour' && chance.hits(0.5)
  const range = isOfDays
    ? { startMs: firstInstantOf(localDay(startMs, zone), zone), endMs: dayEndMs }
    : { startMs, endMs }
  return {
    zone,
    startDate: isOfDays ? dateOf(localDay(startMs, zone)) : new Date(startMs).toISOString(),
    endDate: isOfDays ? dateOf(lastDay) : new Date(endMs).toISOString(),
    nowMs: endMs + DAY_MS,
    edgesMs: edgesOf(range, zone),
  }
}

/** A range of whole local days. */
export function rangeOfDays(zone: string, startDate: string, endDate: string): RangeCase {
  const range = { startMs: firstInstantOf(dayOf(startDate), zone), endMs: firstInstantOf(dayOf(endDate) + 1, zone) - 1 }
  return { zone, startDate, endDate, nowMs: range.endMs + DAY_MS, edgesMs: edgesOf(range, zone) }
}

/** Whether the last bucket is longer than the others, which are equally long, and the range reaches into its additional time. */
export function endsInLongerBucket({ zone, edgesMs }: RangeCase, size: Granularity): boolean {
  const range = { startMs: Math.min(...edgesMs), endMs: Math.max(...edgesMs) }
  const starts = bucketStarts(range, size, zone)
  const [distance, ...others] = starts.slice(1).map((start, index) => start - starts[index]!)
  return distance !== undefined && others.every((each) => each === distance) && range.endMs >= starts.at(-1)! + distance
}

/** The last day of a bucket that rarely has the length of the previous one: usually a longer one. */
function lastDayOf(zone: string, size: Granularity, chance: Chance): number {
  const day = FIRST_DAY + chance.below(LAST_DAY - FIRST_DAY)
  if (chance.hits(0.15)) return day
  if (size === 'month') return lastOfMonth(day, chance.pick(MONTHS_BEHIND_SHORTER)) + chance.pick([0, 0, 0, 0, 1])
  const lengths = chance.hits(0.7) ? (ms: number) => ms > DAY_MS : (ms: number) => ms < DAY_MS
  const change = Array.from({ length: 400 }, (_, index) => day + index).find((each) =>
    lengths(firstInstantOf(each + 1, zone) - firstInstantOf(each, zone)),
  )
  if (change === undefined) return lastOfMonth(day, chance.below(12))
  return size === 'week' ? change + 6 - weekdayOf(change) : change + chance.pick([0, 0, 0, 0, 1, -1])
}

/** Of a month (0 to 11) in the year of a day. */
function lastOfMonth(day: number, month: number): number {
  return Date.UTC(new Date(day * DAY_MS).getUTCFullYear(), month + 1, 1) / DAY_MS - 1
}

function edgesOf(range: { startMs: number; endMs: number }, zone: string): number[] {
  const edges = new Set([range.startMs, range.endMs, range.endMs - HOUR_MS, range.endMs - HOUR_MS / 2])
  for (const size of ['hour', 'day', 'week', 'month'] as const) {
    if (size === 'hour' && range.endMs - range.startMs > 3 * DAY_MS) continue
    const starts = bucketStarts(range, size, zone)
    for (const start of [starts[1], starts.at(-1)]) if (start !== undefined) edges.add(start)
  }
  return [...edges]
}

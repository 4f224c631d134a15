import type { TimeRange } from './time-range.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { TimeZone } from '../../base/time-zone.ts'

export const GRANULARITIES = ['hour', 'day', 'week', 'month'] as const
export type Granularity = (typeof GRANULARITIES)[number]

const HOUR_MS = 3_600_000

/**
 * The starts of all buckets of a range, ascending and dense, epoch milliseconds. Buckets are aligned to the calendar of the zone, and weeks start on Monday. The first
 * bucket may start before the range. A local day may have 23 or 25 hours.
 */
export function bucketStarts(range: TimeRange, granularity: Granularity, zone: TimeZone): number[] {
  return granularity === 'hour' ? hourStarts(range, zone) : calendarStarts(range, granularity, zone)
}

/**
 * Hours as steps of 60 minutes. They stay aligned when clocks change by whole hours, even in the middle of an hour (Chatham Islands). Where clocks change by half an
 * hour, the hour is cut at the change.
 */
function hourStarts(range: TimeRange, zone: TimeZone): number[] {
  return hourSteps(range, zone, (a, b) => modulo(a - b, HOUR_MS) === 0)
}

/** Hours that are also cut wherever the clocks change, so that each one lies within one hour of the local day. */
export function localHourStarts(range: TimeRange, zone: TimeZone): number[] {
  return hourSteps(range, zone, () => false)
}

function hourSteps(
  { start, end }: TimeRange,
  zone: TimeZone,
  isInStep: (offsetMs: number, nextOffsetMs: number) => boolean,
): number[] {
  const starts: number[] = []
  // The hour that contains the start may have begun under another offset.
  const segments = zone.segments(start - HOUR_MS, end)
  let hourStart = start
  for (const [index, { from, to, offsetMs }] of segments.entries()) {
    if (to <= start) continue
    const isCut = index > 0 && !isInStep(segments[index - 1]!.offsetMs, offsetMs)
    if (starts.length === 0) hourStart = start - modulo(start + offsetMs, HOUR_MS)
    if (isCut) hourStart = starts.length === 0 ? Math.max(from, hourStart) : from
    for (; hourStart < to && hourStart <= end; hourStart += HOUR_MS - modulo(hourStart + offsetMs, HOUR_MS))
      starts.push(hourStart)
  }
  return starts
}

function calendarStarts(
  { start, end }: TimeRange,
  granularity: Exclude<Granularity, 'hour'>,
  zone: TimeZone,
): number[] {
  const { year, month, day } = zone.localDate(start)
  const weekday = mondayBasedWeekday(zone.wallTime(start))
  const starts: number[] = []
  for (let index = 0; ; index++) {
    const bucketStart =
      granularity === 'month'
        ? zone.startOfDay({ year, month: month + index, day: 1 })
        : granularity === 'week'
          ? zone.startOfDay({ year, month, day: day - weekday + index * 7 })
          : zone.startOfDay({ year, month, day: day + index })
    if (bucketStart > end) return starts
    if (bucketStart !== starts.at(-1)) starts.push(bucketStart)
  }
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** The index in WEEKDAYS of a local wall time read as UTC. */
export function mondayBasedWeekday(local: Date): number {
  return (local.getUTCDay() + 6) % 7
}

/** A series of two years by the hour has about 17,500 items. */
const ITEMS_PER_YIELD_CHECK = 1_000

/**
 * One item for each bucket, in order, made from the bucket's row, if it has any. A long series is made in slices, between which other work runs. Rejects when a row belongs
 * to no bucket, because the series would silently lack it.
 */
export async function denseSeries<Row extends { bucket: number }, Item>(
  starts: readonly number[],
  rows: readonly Row[],
  toItem: (row: Row | undefined, start: number) => Item,
): Promise<Item[]> {
  const slices = new TimeSlices()
  const byStart = new Map(rows.map((row) => [row.bucket, row]))
  const items: Item[] = []
  for (const start of starts) {
    items.push(toItem(byStart.get(start), start))
    if (items.length % ITEMS_PER_YIELD_CHECK === 0) await slices.yieldIfExpired()
  }
  for (const start of starts) byStart.delete(start)
  if (byStart.size > 0) throw new Error('The store returned a bucket that is not in the range.')
  return items
}

/**
 * The timestamp of a bucket: its start. The timestamp of an hour is the start of its full local hour, also where the hour was cut because the clocks changed by half an hour.
 */
export function bucketTimestamp(start: number, granularity: Granularity, zone: TimeZone): string {
  return formatInstant(granularity === 'hour' ? start - modulo(zone.wallTime(start).getTime(), HOUR_MS) : start)
}

/** UTC ISO 8601 with `Z`. Milliseconds are written only if they are not 0. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

/** The local calendar date as `YYYY-MM-DD`. */
export function formatLocalDate(instant: number, zone: TimeZone): string {
  return zone.wallTime(instant).toISOString().slice(0, 10)
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}

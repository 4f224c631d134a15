import type { TimeRange } from './time-range.ts'
import { Slices } from '../turns.ts'
import type { Zone } from '../zone.ts'

export const GRANULARITIES = ['hour', 'day', 'week', 'month'] as const
export type Granularity = (typeof GRANULARITIES)[number]

const HOUR_MS = 3_600_000

/**
 * The starts of all buckets of a range, ascending: calendar aligned in the zone (weeks start on Monday), dense, the first possibly before the range. A local
 * day may have 23 or 25 hours.
 */
export function bucketStarts(range: TimeRange, granularity: Granularity, zone: Zone): number[] {
  return granularity === 'hour' ? hourStarts(range, zone) : calendarStarts(range, granularity, zone)
}

/**
 * Hours as steps of 60 minutes. A change of the clocks by whole hours leaves them in step, even in the middle of one (Chatham Islands); where clocks move by half
 * an hour, the hour is cut there.
 */
function hourStarts(range: TimeRange, zone: Zone): number[] {
  return steps(range, zone, (a, b) => modulo(a - b, HOUR_MS) === 0)
}

/** Like the hours, but cut wherever the clocks change: each lies within one hour of the local day. */
export function localHourStarts(range: TimeRange, zone: Zone): number[] {
  return steps(range, zone, () => false)
}

function steps(
  { start, end }: TimeRange,
  zone: Zone,
  isInStep: (offsetMs: number, nextOffsetMs: number) => boolean,
): number[] {
  const starts: number[] = []
  // The hour that holds the start may have begun under another offset.
  const segments = zone.segments(start - HOUR_MS, end)
  let at = start
  for (const [index, { from, to, offsetMs }] of segments.entries()) {
    if (to <= start) continue
    const isCut = index > 0 && !isInStep(segments[index - 1]!.offsetMs, offsetMs)
    if (starts.length === 0) at = start - modulo(start + offsetMs, HOUR_MS)
    if (isCut) at = starts.length === 0 ? Math.max(from, at) : from
    for (; at < to && at <= end; at += HOUR_MS - modulo(at + offsetMs, HOUR_MS)) starts.push(at)
  }
  return starts
}

function calendarStarts({ start, end }: TimeRange, granularity: Exclude<Granularity, 'hour'>, zone: Zone): number[] {
  const { year, month, day } = zone.localDate(start)
  const weekday = mondayBasedWeekday(zone.local(start))
  const starts: number[] = []
  for (let index = 0; ; index++) {
    const at =
      granularity === 'month'
        ? zone.startOfDay({ year, month: month + index, day: 1 })
        : granularity === 'week'
          ? zone.startOfDay({ year, month, day: day - weekday + index * 7 })
          : zone.startOfDay({ year, month, day: day + index })
    if (at > end) return starts
    if (at !== starts.at(-1)) starts.push(at)
  }
}

/** 0 = Monday … 6 = Sunday, of a local wall time read as UTC. */
export function mondayBasedWeekday(local: Date): number {
  return (local.getUTCDay() + 6) % 7
}

/** The hours of two years are some 17,500 items. */
const ITEMS_A_STEP = 1_000

/**
 * One item for each bucket, in order, made of the row found for it, if any. A long series is made in slices that let everybody else in between. Rejects when a row belongs to
 * no bucket: it would be missing from the series without a trace.
 */
export async function denseSeries<Row extends { bucket: number }, Item>(
  starts: readonly number[],
  rows: readonly Row[],
  item: (row: Row | undefined, start: number) => Item,
): Promise<Item[]> {
  const slices = new Slices()
  const byStart = new Map(rows.map((row) => [row.bucket, row]))
  const items: Item[] = []
  for (const start of starts) {
    items.push(item(byStart.get(start), start))
    if (items.length % ITEMS_A_STEP === 0) await slices.next()
  }
  for (const start of starts) byStart.delete(start)
  if (byStart.size > 0) throw new Error('The store counted by a bucket that the range does not have.')
  return items
}

/**
 * How a bucket is named: by its start; an hour by the full local hour it lies in, also where it was cut because the clocks moved by half an hour.
 */
export function bucketTimestamp(start: number, granularity: Granularity, zone: Zone): string {
  return formatInstant(granularity === 'hour' ? start - modulo(zone.local(start).getTime(), HOUR_MS) : start)
}

/** UTC ISO 8601 with `Z`; milliseconds only where there are any. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

/** The local calendar date as `YYYY-MM-DD`. */
export function formatLocalDate(instant: number, zone: Zone): string {
  return zone.local(instant).toISOString().slice(0, 10)
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}

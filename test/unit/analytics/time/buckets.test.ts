import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import {
  bucketStarts,
  denseSeries,
  formatInstant,
  formatLocalDate,
  localHourStarts,
} from '../../../../src/analytics/time/buckets.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import {
  dateOf,
  DAY_MS,
  dayOf,
  firstInstantOf,
  HOUR_MS,
  localDay,
  localHour,
  offsetMs,
  weekdayOf,
} from '../../../support/oracle/zone.ts'

const NOTABLE = [
  ...[
    'UTC',
    'Europe/Berlin',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Pacific/Chatham',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
  ],
  ...['Africa/Cairo', 'America/Santiago', 'America/Havana', 'Asia/Beirut', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'],
]
const anyZone = fc.oneof(fc.constantFrom(...NOTABLE), fc.constantFrom(...Intl.supportedValuesOf('timeZone')))
const anyStart = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 6, 1) })
const rangeOf = (maxDays: number) =>
  fc.tuple(anyStart, fc.nat(maxDays * DAY_MS)).map(([start, lengthMs]) => ({ start, end: start + lengthMs }))

/** A zone, and a few hours around one of its changes of the clocks. */
const aroundChange = fc
  .tuple(fc.constantFrom(...NOTABLE), fc.nat(), fc.nat(4 * HOUR_MS), fc.nat(4 * HOUR_MS))
  .map(([zone, pick, before, after]) => {
    const segments = findTimeZone(zone)!.segments(Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1))
    const change = Math.max(Date.UTC(2024, 0, 1), segments[pick % segments.length]!.from)
    return [zone, { start: change - before, end: change + after }] as const
  })
const zoneAndHours = fc.oneof(aroundChange, fc.tuple(anyZone, rangeOf(12)))

/** The slow way: asks for every day of the range in which bucket it lies, and where that begins. */
function slowStarts(
  { start, end }: { start: number; end: number },
  granularity: 'day' | 'week' | 'month',
  zone: string,
): number[] {
  const first = {
    day: (day: number) => day,
    week: (day: number) => day - weekdayOf(day),
    month: (day: number) => dayOf(`${dateOf(day).slice(0, 7)}-01`),
  }
  const starts = new Set<number>()
  for (let day = localDay(start, zone); day <= localDay(end, zone); day++)
    starts.add(firstInstantOf(first[granularity](day), zone))
  return [...starts]
}

describe('buckets', () => {
  test.each([
    ['day', 70],
    ['week', 200],
    ['month', 500],
  ] as const)(
    'of a %s are dense, ascending, aligned to the local calendar and cover the range, in any zone',
    (granularity, maxDays) => {
      fc.assert(
        fc.property(anyZone, rangeOf(maxDays), (zone, range) => {
          expect(bucketStarts(range, granularity, findTimeZone(zone)!)).toEqual(slowStarts(range, granularity, zone))
        }),
        { numRuns: 40 },
      )
    },
  )

  test('of an hour follow each other by an hour, begin at a full hour or where the clocks change, and cover the range', () => {
    fc.assert(
      fc.property(zoneAndHours, ([zone, range]) => {
        const starts = bucketStarts(range, 'hour', findTimeZone(zone)!)
        expect(starts[0]!).toBeLessThanOrEqual(range.start)
        expect(starts[0]!).toBeGreaterThan(range.start - HOUR_MS)
        expect(starts.at(-1)!).toBeLessThanOrEqual(range.end)
        expect(starts.at(-1)!).toBeGreaterThan(range.end - HOUR_MS)
        for (const [index, start] of starts.entries()) {
          const isFull = (start + offsetMs(start, zone)) % HOUR_MS === 0
          const isChange = offsetMs(start, zone) !== offsetMs(start - 1, zone)
          expect(isFull || isChange).toBe(true)
          const lengthMs = (starts[index + 1] ?? start + HOUR_MS) - start
          expect(lengthMs).toBeGreaterThan(0)
          expect(lengthMs).toBeLessThanOrEqual(HOUR_MS)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('of the local hours lie each within one hour of one local day', () => {
    fc.assert(
      fc.property(zoneAndHours, ([zone, range]) => {
        const starts = localHourStarts(range, findTimeZone(zone)!)
        for (const [index, start] of starts.entries()) {
          const last = (starts[index + 1] ?? start + 1) - 1
          expect([localDay(last, zone), localHour(last, zone)]).toEqual([localDay(start, zone), localHour(start, zone)])
        }
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['Asia/Kathmandu', '2026-03-29', 24],
    ['Africa/Cairo', '2026-04-24', 23],
    ['America/Santiago', '2026-04-04', 25],
    // 23 and a half hours, 24 and a half: one hour is cut short.
    ['Australia/Lord_Howe', '2026-10-04', 24],
    ['Australia/Lord_Howe', '2026-04-05', 25],
  ])('%s has on %s %d hours', (zone, date, count) => {
    const range = { start: firstInstantOf(dayOf(date), zone), end: firstInstantOf(dayOf(date) + 1, zone) - 1 }
    expect(bucketStarts(range, 'hour', findTimeZone(zone)!)).toHaveLength(count)
    expect(bucketStarts(range, 'day', findTimeZone(zone)!)).toEqual([range.start])
  })

  /** An hour that began before the turn of the UTC year, or before a change of the clocks it runs through, was cut off there. */
  test.each([
    ['Asia/Kolkata', '2026-01-01T00:10:00Z', '2025-12-31T23:30:00Z'],
    ['America/St_Johns', '2024-01-01T00:00:00Z', '2023-12-31T23:30:00Z'],
    ['Pacific/Chatham', '2026-04-04T14:05:00Z', '2026-04-04T13:15:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:10:00Z', '2026-04-04T15:00:00Z'],
  ])('of an hour in %s that hold %s begin at %s', (zone, instant, expected) => {
    const at = Date.parse(instant)
    expect(bucketStarts({ start: at, end: at }, 'hour', findTimeZone(zone)!).map(formatInstant)).toEqual([expected])
    const longer = bucketStarts({ start: at - 3 * HOUR_MS, end: at }, 'hour', findTimeZone(zone)!)
    expect(formatInstant(longer.at(-1)!)).toBe(expected)
  })

  test('of a range of one instant are the one that holds it', () => {
    const at = Date.parse('2026-03-18T10:20:30.456Z')
    const only = (granularity: 'hour' | 'day' | 'week' | 'month') =>
      bucketStarts({ start: at, end: at }, granularity, findTimeZone('Asia/Kolkata')!).map(formatInstant)
    expect(only('hour')).toEqual(['2026-03-18T09:30:00Z'])
    expect(only('day')).toEqual(['2026-03-17T18:30:00Z'])
    expect(only('week')).toEqual(['2026-03-15T18:30:00Z'])
    expect(only('month')).toEqual(['2026-02-28T18:30:00Z'])
  })
})

test('a dense series has one item a bucket, and the row of each where there is one', async () => {
  const rows = [
    { bucket: 30, count: 3 },
    { bucket: 10, count: 1 },
  ]
  expect(await denseSeries([10, 20, 30], rows, (row, start) => [start, row?.count ?? 0])).toEqual([
    [10, 1],
    [20, 0],
    [30, 3],
  ])
})

test('instants are written in UTC with Z, milliseconds only where there are any; dates as the local calendar shows them', () => {
  expect(formatInstant(Date.UTC(2026, 0, 1))).toBe('2026-01-01T00:00:00Z')
  expect(formatInstant(Date.UTC(2026, 0, 1) - 1)).toBe('2025-12-31T23:59:59.999Z')
  expect(formatLocalDate(Date.parse('2026-01-01T20:00:00Z'), findTimeZone('Asia/Kolkata')!)).toBe('2026-01-02')
  expect(formatLocalDate(Date.parse('2026-01-01T04:59:59Z'), findTimeZone('America/New_York')!)).toBe('2025-12-31')
})

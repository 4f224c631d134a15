import { describe, expect, test } from 'bun:test'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import {
  localDateText,
  plannedInstants,
  plannedInstantsWithin,
} from '../../../../src/reports/schedule/planned-instants.ts'
import type { Recurrence } from '../../../../src/reports/schedule/schedule.ts'
import { WEEKDAYS } from '../../../../src/reports/schedule/weekdays.ts'
import { fc } from '../../../support/base/properties.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const at = (text: string) => Date.parse(text)
const texts = (instants: readonly number[]) => instants.map((instant) => new Date(instant).toISOString())

function runs(every: Recurrence, timezone: string, after: string, count: number): string[] {
  return texts(plannedInstants({ every, timezone }, at(after), count))
}

describe('the planned instants of a schedule', () => {
  test('are after the given instant, not at it', () => {
    const every: Recurrence = { kind: 'daily', time: '08:00' }
    expect(runs(every, 'UTC', '2026-11-29T08:00Z', 2)).toEqual(['2026-11-30T08:00:00.000Z', '2026-12-01T08:00:00.000Z'])
    expect(runs(every, 'UTC', '2026-11-29T07:59:59.999Z', 1)).toEqual(['2026-11-29T08:00:00.000Z'])
  })

  test('of a week are on the named days', () => {
    const every: Recurrence = { kind: 'weekly', weekdays: ['sunday', 'monday'], time: '06:30' }
    expect(runs(every, 'Asia/Kolkata', '2026-11-28T12:00Z', 3)).toEqual([
      '2026-11-29T01:00:00.000Z',
      '2026-11-30T01:00:00.000Z',
      '2026-12-06T01:00:00.000Z',
    ])
  })

  test('of a month without the day are on its last one', () => {
    const dates = (day: number | 'last') =>
      runs({ kind: 'monthly', day, time: '00:00' }, 'UTC', '2028-01-01T00:00Z', 4).map((text) => text.slice(0, 10))
    expect(dates('last')).toEqual(['2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30'])
    expect(dates(30)).toEqual(['2028-01-30', '2028-02-29', '2028-03-30', '2028-04-30'])
    expect(dates(2)).toEqual(['2028-01-02', '2028-02-02', '2028-03-02', '2028-04-02'])
  })

  test('whose whole local day is skipped run once, a day later', () => {
    // Samoa went from 29 to 31 December 2011.
    expect(runs({ kind: 'daily', time: '09:00' }, 'Pacific/Apia', '2011-12-28T00:00Z', 4)).toEqual([
      '2011-12-28T19:00:00.000Z',
      '2011-12-29T19:00:00.000Z',
      '2011-12-30T19:00:00.000Z',
      '2011-12-31T19:00:00.000Z',
    ])
  })

  /** The skipped and the repeated half hour of 2027: the run on that day, and its local time. */
  test.each([
    [
      'Europe/Paris',
      '2027-03-28',
      '02:30',
      '2027-03-28T01:30:00.000Z',
      '2027-10-31',
      '02:30',
      '2027-10-31T00:30:00.000Z',
    ],
    [
      'America/New_York',
      '2027-03-14',
      '02:30',
      '2027-03-14T07:30:00.000Z',
      '2027-11-07',
      '01:30',
      '2027-11-07T05:30:00.000Z',
    ],
    // The clocks move by half an hour only.
    [
      'Australia/Lord_Howe',
      '2027-10-03',
      '02:15',
      '2027-10-02T15:45:00.000Z',
      '2027-04-04',
      '01:45',
      '2027-04-03T14:45:00.000Z',
    ],
    // The clocks change at midnight.
    [
      'America/Santiago',
      '2027-09-05',
      '00:30',
      '2027-09-05T04:30:00.000Z',
      '2027-04-03',
      '23:30',
      '2027-04-04T02:30:00.000Z',
    ],
  ])(
    'in %s run once on every day of a year',
    (timezone, skipped, skippedTime, later, repeated, repeatedTime, first) => {
      const year = (time: string) =>
        plannedInstantsWithin(
          { every: { kind: 'daily', time }, timezone },
          at('2026-12-30T00:00Z'),
          at('2028-01-02T00:00Z'),
          400,
        )
      const ofDate = (time: string, date: string) =>
        year(time).filter((instant) => localDateText(timezone, instant) === date)
      expect(texts(ofDate(skippedTime, skipped))).toEqual([later])
      expect(texts(ofDate(repeatedTime, repeated))).toEqual([first])
      for (const time of [skippedTime, repeatedTime]) {
        const dates = year(time).map((instant) => localDateText(timezone, instant))
        expect(new Set(dates).size).toBe(dates.length)
        expect(dates.length).toBeGreaterThan(365)
      }
    },
  )

  test('are those that a search minute by minute finds', () => {
    const zones = ['UTC', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo']
    const recurrence: fc.Arbitrary<Recurrence> = fc
      .record({
        minutes: fc.integer({ min: 0, max: 24 * 60 - 1 }),
        kind: fc.constantFrom('daily', 'weekly', 'monthly'),
        weekdays: fc.subarray([...WEEKDAYS], { minLength: 1 }),
        day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)),
      })
      .map(({ minutes, kind, weekdays, day }) => {
        const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
        return kind === 'daily' ? { kind, time } : kind === 'weekly' ? { kind, weekdays, time } : { kind, day, time }
      })
    const start = fc.integer({ min: at('2026-01-01T00:00Z') / 60_000, max: at('2029-01-01T00:00Z') / 60_000 })
    fc.assert(
      fc.property(recurrence, fc.constantFrom(...zones), start, (every, timezone, minute) => {
        const after = minute * 60_000
        const until = after + 40 * DAY_MS
        expect(plannedInstantsWithin({ every, timezone }, after, until, 100)).toEqual(
          slowSearch(every, timezone, after, until),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('of a bounded range are its newest ones', () => {
    const timing = { every: { kind: 'daily' as const, time: '08:00' }, timezone: 'UTC' }
    const found = plannedInstantsWithin(timing, at('2026-01-01T08:00Z'), at('2026-03-01T08:00Z'), 2)
    expect(texts(found)).toEqual(['2026-02-28T08:00:00.000Z', '2026-03-01T08:00:00.000Z'])
  })
})

/** Reads the local clock of every minute. A planned time that no minute of its date shows is skipped: then it is that of the clock before the gap. */
function slowSearch(every: Recurrence, timezone: string, after: number, until: number): number[] {
  const zone = findTimeZone(timezone)!
  const [hours = 0, minutes = 0] = every.time.split(':').map(Number)
  const found: number[] = []
  const { year, month, day } = zone.localDate(after)
  for (let date = Date.UTC(year, month - 1, day) - DAY_MS; date < until + DAY_MS; date += DAY_MS) {
    if (!isDate(every, new Date(date))) continue
    const wanted = date + (hours * 60 + minutes) * 60_000
    let shown: number | undefined
    for (let instant = wanted - 15 * HOUR_MS; instant < wanted + 15 * HOUR_MS && shown === undefined; instant += 60_000)
      if (instant + zone.offsetAt(instant) === wanted) shown = instant
    const instant = shown ?? wanted - zone.offsetAt(wanted - DAY_MS)
    if (instant > after && instant <= until) found.push(instant)
  }
  return found
}

function isDate({ kind, weekdays = [], day }: Recurrence, date: Date): boolean {
  const isLast = new Date(date.getTime() + DAY_MS).getUTCDate() === 1
  if (kind === 'weekly') return weekdays.includes(WEEKDAYS.at(date.getUTCDay() - 1)!)
  return (
    kind === 'daily' || date.getUTCDate() === day || (isLast && (day === 'last' || Number(day) > date.getUTCDate()))
  )
}

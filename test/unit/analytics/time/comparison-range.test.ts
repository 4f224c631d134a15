import { describe, expect, test } from 'bun:test'
import { comparedRange, type ComparisonChoice, sidesAt } from '../../../../src/analytics/time/comparison-range.ts'
import { requireTimeZone, resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import { fc } from '../../../support/base/properties.ts'
import { ODD_ZONES } from '../../../support/dashboards/range-cases.ts'
import { instantOf, olderRangeOf } from '../../../support/oracle/older-range.ts'
import { DAY_MS, dayOf, firstInstantOf } from '../../../support/oracle/zone.ts'

const CHOICES = [
  ...(['previous', 'year'] as const).flatMap((compare) =>
    (['weekday', 'date'] as const).map((align) => ({ compare, align })),
  ),
  { compare: 'custom' as const, align: 'date' as const },
]
const FAR_FUTURE = Date.UTC(2200, 0, 1)

const zones = fc.oneof(fc.constantFrom(...ODD_ZONES), fc.constantFrom(...Intl.supportedValuesOf('timeZone')))
const days = fc.integer({ min: dayOf('2012-06-01'), max: dayOf('2028-12-31') })
const cases = fc.record({
  zone: zones,
  day: days,
  dates: fc.oneof(fc.nat(9), fc.nat(100)),
  choice: fc.constantFrom(...CHOICES),
  isOfDates: fc.boolean(),
  startTime: fc.integer({ min: 1, max: DAY_MS - 2 }),
  endTime: fc.integer({ min: 1, max: DAY_MS - 2 }),
  back: fc.integer({ min: 1, max: 500 }),
  elapsed: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
})

/** The service's older range of texts of dates or instants, as texts. */
function older(text: { start: string; end: string; zone: string }, choice: ComparisonChoice): string[] {
  const zone = requireTimeZone(text.zone)
  const range = resolveTimeRange({ startDate: text.start, endDate: text.end }, '7d', zone, FAR_FUTURE)
  const { start, end } = comparedRange(range, zone, choice).older
  return [new Date(start).toISOString(), new Date(end).toISOString()]
}

describe('the older range', () => {
  test('and its cut equal an independent calculation, in many zones and years', () => {
    fc.assert(
      fc.property(cases, ({ zone, day, dates, choice, isOfDates, startTime, endTime, back, elapsed }) => {
        const wholeDates = (first: number) => ({
          startMs: firstInstantOf(first, zone),
          endMs: firstInstantOf(first + dates + 1, zone) - 1,
        })
        const ofInstants = {
          startMs: instantOf(day * DAY_MS + startTime, zone),
          endMs: instantOf((day + dates + 1) * DAY_MS + endTime, zone),
        }
        const range = isOfDates ? wholeDates(day) : ofInstants
        const custom = choice.compare === 'custom' ? wholeDates(day - back) : undefined
        const expected = olderRangeOf({ range, isOfDates, zone, ...choice, ...(custom && { custom }) })
        const compared = comparedRange(
          { start: range.startMs, end: range.endMs },
          requireTimeZone(zone),
          custom
            ? { compare: 'custom', older: { start: custom.startMs, end: custom.endMs } }
            : (choice as ComparisonChoice),
        )
        expect(compared.older).toEqual({ start: expected.range.startMs, end: expected.range.endMs })

        const asOf = Math.round(range.startMs + (range.endMs - range.startMs) * elapsed)
        const sides = sidesAt(compared, asOf)
        const isPartial = range.endMs > asOf
        const endOf = ({ startMs, endMs }: typeof range, atMs: number) =>
          isPartial ? Math.max(startMs - 1, Math.min(endMs, atMs)) : endMs
        expect(sides).toEqual({
          isPartial,
          current: { start: range.startMs, end: endOf(range, asOf) },
          older: { start: expected.range.startMs, end: endOf(expected.range, expected.shift(asOf)) },
        })
      }),
      { numRuns: 300 },
    )
  })

  test('of a weekday alignment begins on the same weekday, and of a date alignment on the adjacent dates', () => {
    const days8 = { start: '2026-03-12', end: '2026-03-19', zone: 'Europe/Berlin' }
    expect(older(days8, { compare: 'previous', align: 'weekday' })).toEqual([
      '2026-02-25T23:00:00.000Z',
      '2026-03-05T22:59:59.999Z',
    ])
    expect(older(days8, { compare: 'previous', align: 'date' })).toEqual([
      '2026-03-03T23:00:00.000Z',
      '2026-03-11T22:59:59.999Z',
    ])
    expect(older(days8, { compare: 'year', align: 'weekday' })).toEqual([
      '2025-03-12T23:00:00.000Z',
      '2025-03-20T22:59:59.999Z',
    ])
    expect(older(days8, { compare: 'year', align: 'date' })).toEqual([
      '2025-03-11T23:00:00.000Z',
      '2025-03-19T22:59:59.999Z',
    ])
  })

  test('of 29 February is 28 February of the year before', () => {
    const leapDay = { start: '2024-02-29', end: '2024-02-29', zone: 'UTC' }
    expect(older(leapDay, { compare: 'year', align: 'date' })).toEqual([
      '2023-02-28T00:00:00.000Z',
      '2023-02-28T23:59:59.999Z',
    ])
  })

  test('moves a skipped local time forward by the gap and takes the first of two equal ones', () => {
    const gap = { start: '2026-04-05T02:30:00', end: '2026-04-05T02:30:00', zone: 'Europe/Berlin' }
    // 29 March 2026: 02:30 becomes 03:30.
    expect(older(gap, { compare: 'previous', align: 'weekday' })[0]).toBe('2026-03-29T01:30:00.000Z')
    const fold = { start: '2026-11-01T02:30:00', end: '2026-11-01T02:30:00', zone: 'Europe/Berlin' }
    // 25 October 2026: 02:30 occurs in summer time first.
    expect(older(fold, { compare: 'previous', align: 'weekday' })[0]).toBe('2026-10-25T00:30:00.000Z')
  })

  test('is empty where the clocks skip the whole date', () => {
    // Apia skipped 30 December 2011.
    const apia = { start: '2011-12-31', end: '2011-12-31', zone: 'Pacific/Apia' }
    const [start, end] = older(apia, { compare: 'previous', align: 'date' })
    expect(start).toBe('2011-12-30T10:00:00.000Z')
    expect(end).toBe('2011-12-30T09:59:59.999Z')
  })

  test('holds both hours of a midnight that occurs twice and starts after a midnight that is skipped', () => {
    // Havana: midnight is skipped on 8 March 2026; 1 November 2026 has 25 hours.
    const havana = (start: string) => ({ start, end: start, zone: 'America/Havana' })
    expect(older(havana('2026-03-15'), { compare: 'previous', align: 'weekday' })).toEqual([
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T03:59:59.999Z',
    ])
    expect(older(havana('2026-11-08'), { compare: 'previous', align: 'weekday' })).toEqual([
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T04:59:59.999Z',
    ])
    expect(older(havana('2026-03-08'), { compare: 'previous', align: 'date' })).toEqual([
      '2026-03-07T05:00:00.000Z',
      '2026-03-08T04:59:59.999Z',
    ])
  })
})

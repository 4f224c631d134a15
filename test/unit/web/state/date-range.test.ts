import { describe, expect, test } from 'bun:test'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import {
  DATE_BOUNDS,
  DATE_PRESETS,
  datePresetOf,
  type DatePreset,
  dateRangeProblemOf,
  datesOfPreset,
} from '../../../../src/web/state/date-range.ts'
import { datesOf } from '../../../../src/web/state/periods.ts'
import { parseViewState } from '../../../../src/web/state/view-state.ts'

const datesAt = (preset: DatePreset, zone: string, now: string) => {
  const { start, end } = datesOfPreset(preset, findTimeZone(zone)!, Date.parse(now))
  return [start, end]
}

describe('the days of a named range', () => {
  test.each([
    ['today', '2026-11-29', '2026-11-29'],
    ['yesterday', '2026-11-28', '2026-11-28'],
    // 29 November 2026 is a Sunday.
    ['thisWeek', '2026-11-23', '2026-11-29'],
    ['lastWeek', '2026-11-16', '2026-11-22'],
    ['thisMonth', '2026-11-01', '2026-11-29'],
    ['lastMonth', '2026-10-01', '2026-10-31'],
  ] as const)('%s is %s to %s', (preset, start, end) => {
    expect(datesAt(preset, 'UTC', '2026-11-29T12:00:00Z')).toEqual([start, end])
  })

  test.each([
    // The same instant is still New Year's Eve in New York, and already the first of January in Auckland.
    ['America/New_York', 'today', '2026-12-31', '2026-12-31'],
    ['America/New_York', 'thisMonth', '2026-12-01', '2026-12-31'],
    ['America/New_York', 'lastMonth', '2026-11-01', '2026-11-30'],
    ['Pacific/Auckland', 'today', '2027-01-01', '2027-01-01'],
    ['Pacific/Auckland', 'yesterday', '2026-12-31', '2026-12-31'],
    ['Pacific/Auckland', 'thisWeek', '2026-12-28', '2027-01-01'],
    ['Pacific/Auckland', 'thisMonth', '2027-01-01', '2027-01-01'],
    ['Pacific/Auckland', 'lastMonth', '2026-12-01', '2026-12-31'],
  ] as const)('depend on the zone: %s %s', (zone, preset, start, end) => {
    expect(datesAt(preset, zone, '2026-12-31T20:00:00Z')).toEqual([start, end])
  })

  test('follow the calendar where the clocks change', () => {
    // In Berlin the clocks are set forward at 01:00 UTC on 29 March 2026 and back at 01:00 UTC on 25 October 2026.
    expect(datesAt('yesterday', 'Europe/Berlin', '2026-03-29T22:30:00Z')).toEqual(['2026-03-29', '2026-03-29'])
    expect(datesAt('yesterday', 'Europe/Berlin', '2026-03-29T21:30:00Z')).toEqual(['2026-03-28', '2026-03-28'])
    expect(datesAt('today', 'Europe/Berlin', '2026-10-25T22:30:00Z')).toEqual(['2026-10-25', '2026-10-25'])
    expect(datesAt('lastWeek', 'Europe/Berlin', '2026-10-26T00:00:00Z')).toEqual(['2026-10-19', '2026-10-25'])
  })

  test('know leap years, and weeks over the end of a year', () => {
    expect(datesAt('lastMonth', 'UTC', '2028-03-31T00:00:00Z')).toEqual(['2028-02-01', '2028-02-29'])
    expect(datesAt('lastMonth', 'UTC', '2027-01-31T00:00:00Z')).toEqual(['2026-12-01', '2026-12-31'])
    expect(datesAt('lastWeek', 'UTC', '2027-01-04T00:00:00Z')).toEqual(['2026-12-28', '2027-01-03'])
  })
})

describe('the name of a range', () => {
  const zone = findTimeZone('Asia/Tokyo')!
  const wednesday = Date.parse('2026-11-18T12:00:00Z')

  test.each(DATE_PRESETS)('%s is found by its days', (preset) => {
    expect(datePresetOf(datesOfPreset(preset, zone, wednesday), zone, wednesday)).toBe(preset)
  })

  test('is missing for other days, and for the days of yesterday', () => {
    const thisWeek = datesOfPreset('thisWeek', zone, wednesday)
    expect(datePresetOf({ start: '2026-11-02', end: '2026-11-05' }, zone, wednesday)).toBeUndefined()
    expect(datePresetOf(thisWeek, zone, wednesday + 86_400_000)).toBeUndefined()
  })

  test('is the shortest one on the first day of a week or month', () => {
    const monday = Date.parse('2026-06-01T00:00:00Z')
    expect(datePresetOf(datesOfPreset('thisWeek', zone, monday), zone, monday)).toBe('today')
  })
})

test('a preset of the service has the days that the service counts', () => {
  const now = Date.parse('2026-12-31T20:00:00Z')
  for (const name of ['America/New_York', 'Pacific/Auckland']) {
    const zone = findTimeZone(name)!
    const { start, end } = resolveTimeRange({ timeRange: '30d' }, '7d', zone, now)
    const dayOf = (instant: number) => zone.wallTime(instant).toISOString().slice(0, 10)
    const dates = datesOf(parseViewState(`?range=30d&zone=${name}`, 'UTC'), now)
    expect(dates).toEqual({ start: dayOf(start), end: dayOf(end) })
  }
})

describe('typed dates', () => {
  const ranges = [
    ['2026-01-01', '2026-01-01', undefined],
    ['2024-02-29', '2026-03-01', undefined],
    ['2024-02-29', '2026-03-02', 'tooLong'],
    ['2024-11-29', '2026-11-29', undefined],
    ['2024-11-29', '2026-11-30', 'tooLong'],
    ['2026-01-02', '2026-01-01', 'wrongOrder'],
    ['', '2026-01-01', 'bothDays'],
    ['2026-01-01', '', 'bothDays'],
    ['2026-02-01', '2026-02-31', 'bothDays'],
    ['1969-12-31', '1970-01-01', 'outOfBounds'],
    [DATE_BOUNDS.end, '2201-01-01', 'outOfBounds'],
    [DATE_BOUNDS.start, DATE_BOUNDS.start, undefined],
    [DATE_BOUNDS.end, DATE_BOUNDS.end, undefined],
  ] as const

  test.each(ranges)('%p to %p: %p', (start, end, problem) => {
    expect(dateRangeProblemOf({ start, end })).toBe(problem)
  })

  test.each(ranges)('%p to %p is refused exactly where the service refuses it', (startDate, endDate, problem) => {
    const resolve = () => resolveTimeRange({ startDate, endDate }, '7d', findTimeZone('UTC')!, Date.UTC(2026, 0, 1))
    if (problem === undefined) expect(resolve().end).toBeGreaterThan(0)
    else expect(resolve).toThrow()
  })

  test('of an address are ignored when the calendar or the service does not know them', () => {
    expect(parseViewState('?start=2026-02-01&end=2026-02-31', 'UTC').dates).toBeUndefined()
    expect(parseViewState('?start=2026-02-02&end=2026-02-01', 'UTC').dates).toBeUndefined()
    expect(parseViewState('?start=2026-02-01&end=2026-02-02', 'UTC').dates).toEqual({
      start: '2026-02-01',
      end: '2026-02-02',
    })
  })
})

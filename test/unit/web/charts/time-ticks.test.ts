import { afterAll, describe, expect, test } from 'bun:test'
import { bucketStarts, type Granularity } from '../../../../src/analytics/time/buckets.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { timeTicks } from '../../../../src/web/charts/line/time-ticks.ts'
import { setLocale } from '../../../../src/web/format/locale.ts'

const ZONE = 'Europe/Berlin'

function labels(start: string, end: string, granularity: Granularity, maxCount: number): string[] {
  const range = { start: Date.parse(start), end: Date.parse(end) }
  const starts = bucketStarts(range, granularity, findTimeZone(ZONE)!)
  return timeTicks(starts, granularity, ZONE, maxCount).map(({ label }) => label)
}

describe('the labels of the time axis', () => {
  afterAll(() => setLocale('en'))

  test('each day has a label while there is room', () => {
    setLocale('en-US')
    expect(labels('2026-11-21T23:00:00Z', '2026-11-24T22:00:00Z', 'day', 10)).toEqual(['Nov 22', 'Nov 23', 'Nov 24'])
  })

  test('many days have a label at each Monday, in the language of the browser', () => {
    setLocale('de-DE')
    expect(labels('2026-10-31T23:00:00Z', '2026-11-29T22:00:00Z', 'day', 5)).toEqual([
      '2. Nov.',
      '9. Nov.',
      '16. Nov.',
      '23. Nov.',
    ])
  })

  test('months name the year where it changes', () => {
    setLocale('en-US')
    expect(labels('2026-10-31T23:00:00Z', '2027-02-27T22:00:00Z', 'day', 4)).toEqual([
      'Nov\n2026',
      'Dec',
      'Jan\n2027',
      'Feb',
    ])
  })

  test('hours stay round and name the day on the day of a clock change', () => {
    setLocale('de-DE')
    expect(labels('2026-10-24T22:00:00Z', '2026-10-26T22:59:59Z', 'hour', 5)).toEqual([
      '00:00\n25. Okt.',
      '12:00',
      '00:00\n26. Okt.',
      '12:00',
    ])
    setLocale('en-US')
    expect(labels('2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z', 'hour', 5)).toEqual([
      '12 AM\nOct 25',
      '6 AM',
      '12 PM',
      '6 PM',
    ])
  })

  test('a single bucket has a label', () => {
    setLocale('en-US')
    expect(labels('2026-11-24T12:00:00Z', '2026-11-24T12:59:59Z', 'hour', 5)).toEqual(['1 PM\nNov 24'])
    expect(labels('2026-11-24T12:00:00Z', '2026-11-24T12:59:59Z', 'month', 5)).toEqual(['Nov\n2026'])
  })

  test.each([
    ['hour', '2026-11-23T23:00:00Z', '2026-11-24T22:59:59Z'],
    ['hour', '2026-11-01T23:00:00Z', '2026-11-30T22:59:59Z'],
    ['day', '2026-08-31T22:00:00Z', '2026-11-30T22:59:59Z'],
    ['day', '2024-11-30T23:00:00Z', '2026-11-30T22:59:59Z'],
    ['week', '2024-11-30T23:00:00Z', '2026-11-30T22:59:59Z'],
    ['month', '2024-11-30T23:00:00Z', '2026-11-30T22:59:59Z'],
  ] as const)('a range by %s from %s fits wide and narrow plots', (granularity, start, end) => {
    for (const maxCount of [4, 8, 15]) {
      const { length } = labels(start, end, granularity, maxCount)
      expect(length).toBeGreaterThanOrEqual(2)
      expect(length).toBeLessThanOrEqual(maxCount)
    }
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createBucketFormatter, hourName, weekdayName } from '../../../../src/web/format/dates.ts'
import { setLocale } from '../../../../src/web/format/locale.ts'

describe('the name of a bucket', () => {
  beforeAll(() => setLocale('en-GB'))
  afterAll(() => setLocale('en'))

  test('has the local date and time', () => {
    const start = Date.parse('2026-03-29T22:00:00Z')
    expect(createBucketFormatter('day', 'Europe/Berlin')(start)).toMatch(/30 Mar 2026/)
    expect(createBucketFormatter('hour', 'UTC')(start)).toMatch(/29 Mar.*22:00/)
    expect(createBucketFormatter('week', 'UTC')(start)).toBe('Week of 29 Mar 2026')
    expect(createBucketFormatter('month', 'UTC')(start)).toBe('March 2026')
  })

  test('tells the two hours apart that the clocks show twice', () => {
    const nameOf = createBucketFormatter('hour', 'Europe/Berlin')
    const [first, second, dayBefore] = ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-24T00:00Z'].map((start) =>
      nameOf(Date.parse(start)),
    )
    expect([first, second]).toEqual([expect.stringMatching(/02:00.*\+2/), expect.stringMatching(/02:00.*\+1/)])
    expect(dayBefore).toMatch(/02:00$/)
  })

  test('has no leading zero where the day has twice 12 hours', () => {
    setLocale('en-US')
    expect(createBucketFormatter('hour', 'UTC')(Date.parse('2026-03-29T02:00Z'))).toMatch(/ 2:00\sAM$/)
    setLocale('de-DE')
    expect(createBucketFormatter('hour', 'UTC')(Date.parse('2026-03-29T02:00Z'))).toMatch(/ 02:00$/)
    setLocale('en-GB')
  })
})

test.each([
  ['en-US', 'Monday', /^9\sAM$/],
  ['de-DE', 'Montag', /^09:00$/],
])('weekdays and hours have the form of %s', (language, monday, nine) => {
  setLocale(language)
  expect(weekdayName(0, 'long')).toBe(monday)
  expect(hourName(9)).toMatch(nine)
  setLocale('en')
})

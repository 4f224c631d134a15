import { describe, expect, test } from 'bun:test'
import { parseViewState, formatViewState } from '../../../src/web/state/view-state.ts'
import { periodsOf, defaultGranularity } from '../../../src/web/state/periods.ts'
import { viewQueriesOf } from '../../../src/web/state/view-queries.ts'
import { FORMER_ZONE_NAMES, currentZoneName, resolveZoneName } from '../../../src/web/zone-names.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { serviceUrl } from '../../../src/web/api/service-url.ts'

const NOON = Date.parse('2026-03-30T10:07:00Z')

describe("the page's address", () => {
  test.each([
    '?view=overview&range=7d&zone=UTC',
    '?view=messages&range=30d&zone=Europe/Berlin&channel=sms&granularity=hour',
    '?view=campaigns&start=2026-01-01&end=2026-01-31&zone=UTC&id=a%26b&tenant=t',
  ])('%s reads and writes as it is', (search) => expect(formatViewState(parseViewState(search, 'UTC'))).toBe(search))

  test('what makes no sense is as if it were not there', () => {
    const search = '?view=x&range=8d&zone=Mars/Base&channel=fax&granularity=eon&start=2026-01-01&id=x'
    expect(formatViewState(parseViewState(search, 'Asia/Tokyo'))).toBe('?view=overview&range=7d&zone=Asia/Tokyo')
  })
})

describe('the days before', () => {
  const before = (search: string) => periodsOf(parseViewState(search, 'UTC'), NOON).previous

  test('are as many, and end at the same time of day while today is among them', () => {
    expect(before('?range=7d&zone=UTC')).toEqual({ startDate: '2026-03-15', endDate: '2026-03-22T10:14:59.999Z' })
  })

  test('keep the time of day by local clocks, also over a change of them', () => {
    // The clocks in Berlin were set forward on 29 March: 12:07 was 11:07 UTC a week before.
    expect(before('?range=7d&zone=Europe/Berlin').endDate).toBe('2026-03-22T11:14:59.999Z')
  })

  test('are whole when the range is over', () => {
    expect(before('?start=2026-03-01&end=2026-03-10')).toEqual({ startDate: '2026-02-19', endDate: '2026-02-28' })
  })
})

test('the granularity suits the range, where the view has it', () => {
  const granularities = ['hour', 'day', 'week'] as const
  expect([2, 8, 91, 366].map((days) => defaultGranularity(days, granularities))).toEqual(['hour', 'day', 'day', 'week'])
  expect(defaultGranularity(8, [])).toBeUndefined()
})

test('the query of a view has the parameters of the address that its dashboard accepts', () => {
  const asked = parseViewState('?view=workflows&range=1d&zone=Asia/Tokyo&channel=sms&granularity=day&id=wf-1', 'UTC')
  const { current, live } = viewQueriesOf(asked, NOON)
  expect(current).toBe('api/v1/analytics/workflows?timeRange=1d&timezone=Asia%2FTokyo&workflowId=wf-1')
  expect(live).toBe('api/v1/analytics/live?timeRange=1d&timezone=Asia%2FTokyo')
})

test.each([
  ['/dashboard', 'https://stats.example/api/v1'],
  ['/dashboard/', 'https://stats.example/api/v1'],
  ['/analytics/dashboard', 'https://stats.example/analytics/api/v1'],
  ['/analytics/dashboard/', 'https://stats.example/analytics/api/v1'],
  ['/dashboard/dashboard', 'https://stats.example/dashboard/api/v1'],
  ['//evil.example/dashboard', 'https://stats.example//evil.example/api/v1'],
])('the page at %s asks the service at %s', (pathname, asked) => {
  expect(serviceUrl('api/v1', { origin: 'https://stats.example', pathname })).toBe(asked)
})

describe('a time zone', () => {
  const NAMES = ['UTC', 'Asia/Kolkata', 'Europe/Kyiv', 'America/New_York', 'America/Indiana/Knox', 'Africa/Knox']

  test.each([
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['asia/calcutta', 'Asia/Kolkata'],
    ['Kiev', 'Europe/Kyiv'],
    [' new york ', 'America/New_York'],
    ['indiana/knox', 'America/Indiana/Knox'],
    ['US/Pacific', 'US/Pacific'],
    ['knox', undefined],
    ['York', undefined],
    ['Mars/Base', undefined],
    ['  ', undefined],
  ])('typed as %p is %p', (typed, zone) => expect(resolveZoneName(typed, NAMES)).toBe(zone))

  test('of a former name is the same zone by its name of today, in an address too', () => {
    expect(FORMER_ZONE_NAMES).toContain('Asia/Calcutta')
    const noons = [2, 8].map((month) => Date.UTC(2026, month - 1, 1, 12))
    for (const name of FORMER_ZONE_NAMES)
      expect(noons.map((noon) => findTimeZone(currentZoneName(name))!.offsetAt(noon))).toEqual(
        noons.map((noon) => findTimeZone(name)!.offsetAt(noon)),
      )
    expect(parseViewState('?zone=Asia/Calcutta', 'UTC').zone).toBe('Asia/Kolkata')
    expect(parseViewState('', 'Europe/Kiev').zone).toBe('Europe/Kyiv')
  })
})

import { describe, expect, test } from 'bun:test'
import { serviceUrl } from '../../../../src/web/api/service-url.ts'
import { controlsOf } from '../../../../src/web/state/controls.ts'
import { dashboardQueriesOf } from '../../../../src/web/state/dashboard-queries.ts'
import { defaultGranularity } from '../../../../src/web/state/periods.ts'
import { formatViewState, parseViewState } from '../../../../src/web/state/view-state.ts'

const NOON = Date.parse('2026-03-30T10:07:00Z')

describe('the address', () => {
  test.each([
    '?view=overview&range=7d&zone=UTC',
    '?view=messages&range=30d&zone=Europe/Berlin&channel=sms&granularity=hour',
    '?view=campaigns&start=2026-01-01&end=2026-01-31&zone=UTC&id=a%26b&tenant=t',
    '?view=overview&range=7d&zone=UTC&compare=year&align=date',
    '?view=overview&range=7d&zone=UTC&compare=none',
    '?view=overview&range=7d&zone=UTC&compare=custom&compareStart=2026-01-01&compareEnd=2026-01-31',
    '?view=campaigns&range=7d&zone=UTC&sort=humanOpenRate',
  ])('%s is parsed and formatted without a change', (search) =>
    expect(formatViewState(parseViewState(search, 'UTC'))).toBe(search),
  )

  test('loses invalid values', () => {
    const search =
      '?view=x&range=8d&zone=Mars/Base&channel=fax&granularity=eon&start=2026-01-01&compare=custom&compareStart=2026-01-01&align=x&sort=sent'
    expect(formatViewState(parseViewState(search, 'Asia/Tokyo'))).toBe('?view=overview&range=7d&zone=Asia/Tokyo')
  })
})

test('the default granularity follows the length of the range, among those that the dashboard has', () => {
  const granularities = ['hour', 'day', 'week'] as const
  expect([2, 8, 91, 366].map((days) => defaultGranularity(days, granularities))).toEqual(['hour', 'day', 'day', 'week'])
  expect(defaultGranularity(8, [])).toBeUndefined()
})

describe('the queries of a view', () => {
  const queriesOf = (search: string, dashboard: 'workflows' | 'messages') =>
    dashboardQueriesOf(parseViewState(search, 'UTC'), controlsOf(dashboard), NOON)

  test('have the parameters of the address that the dashboard accepts', () => {
    const search = '?view=workflows&range=1d&zone=Asia/Tokyo&channel=sms&granularity=day&id=wf-1'
    const shown = { timeRange: '1d', timezone: 'Asia/Tokyo', workflowId: 'wf-1' }
    const { current, live, file } = queriesOf(search, 'workflows')
    const compared = { ...shown, compare: 'previous', align: 'weekday' }
    expect(current).toEqual({ ...compared, limit: '1000' })
    expect([live, file]).toEqual([shown, compared])
  })

  test('ask for the comparison of the address, and for none where it is not wanted', () => {
    const comparedBy = (search: string) => {
      const { compare, align } = queriesOf(search, 'messages').current
      return [compare, align]
    }
    expect(comparedBy('?range=7d&zone=UTC&compare=year&align=date')).toEqual(['year', 'date'])
    expect(comparedBy('?range=7d&zone=UTC&compare=none&align=date')).toEqual([undefined, undefined])
  })

  test('ask for the days of a custom comparison', () => {
    const search = '?range=7d&zone=UTC&compare=custom&compareStart=2026-01-01&compareEnd=2026-01-08&align=date'
    const { compare, align, compareStart, compareEnd } = queriesOf(search, 'messages').current
    expect([compare, align, compareStart, compareEnd]).toEqual(['custom', undefined, '2026-01-01', '2026-01-08'])
  })

  test('ask for the granularity of the address, if the dashboard has it', () => {
    const { current, hourly, live, granularity } = queriesOf(
      '?range=7d&zone=UTC&channel=sms&granularity=week',
      'messages',
    )
    expect(current).toMatchObject({ timeRange: '7d', timezone: 'UTC', channel: 'sms', granularity: 'week' })
    expect([hourly['granularity'], granularity]).toEqual(['hour', 'week'])
    expect(live).toEqual({ timeRange: '7d', timezone: 'UTC', channel: 'sms' })
  })
})

test.each([
  ['/dashboard', 'https://stats.example/api/v1'],
  ['/dashboard/', 'https://stats.example/api/v1'],
  ['/analytics/dashboard', 'https://stats.example/analytics/api/v1'],
  ['/analytics/dashboard/', 'https://stats.example/analytics/api/v1'],
  ['/dashboard/dashboard', 'https://stats.example/dashboard/api/v1'],
  ['//evil.example/dashboard', 'https://stats.example//evil.example/api/v1'],
])('the page at %s sends its requests to %s', (pathname, url) => {
  expect(serviceUrl('api/v1', { origin: 'https://stats.example', pathname })).toBe(url)
})

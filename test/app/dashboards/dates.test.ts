import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'

const DAY_MS = 86_400_000
const day = (daysFromToday: number) => new Date(Date.now() + daysFromToday * DAY_MS).toISOString().slice(0, 10)

/** The parameters of a range, and its first and last instants. */
const RANGES: readonly (readonly [asked: Readonly<Record<string, string>>, start: string, end: string])[] = [
  [{ startDate: '2026-01-31', endDate: '2026-01-31' }, '2026-01-31T00:00:00Z', '2026-01-31T23:59:59.999Z'],
  [{ startDate: '2024-02-29', endDate: '2024-02-29' }, '2024-02-29T00:00:00Z', '2024-02-29T23:59:59.999Z'],
  [{ startDate: '2024-03-01', endDate: '2026-03-01T00:00:00Z' }, '2024-03-01T00:00:00Z', '2026-03-01T00:00:00.999Z'],
  // Exactly two years.
  [{ startDate: '2024-11-28', endDate: '2026-11-28' }, '2024-11-28T00:00:00Z', '2026-11-28T23:59:59.999Z'],
  [
    { startDate: '2026-01-31', endDate: '2026-01-31', timezone: 'Asia/Kathmandu' },
    '2026-01-30T18:15:00Z',
    '2026-01-31T18:14:59.999Z',
  ],
  [
    { startDate: '2026-03-08', endDate: '2026-03-08', timezone: 'America/New_York' },
    '2026-03-08T05:00:00Z',
    '2026-03-09T03:59:59.999Z',
  ],
  // Without an offset a time of day is local to the zone, in summer and in winter.
  [
    { startDate: '2026-01-31T09:30', endDate: '2026-07-31T09:30:15.5', timezone: 'Europe/Berlin' },
    '2026-01-31T08:30:00Z',
    '2026-07-31T07:30:15.599Z',
  ],
  [
    { startDate: '2026-01-31T09:30:00Z', endDate: '2026-01-31T09:30:00.001Z', timezone: 'Europe/Berlin' },
    '2026-01-31T09:30:00Z',
    '2026-01-31T09:30:00.001Z',
  ],
  [
    { startDate: '2026-01-31T09:30:00+05:45', endDate: '2026-01-31T09:30:00-0330' },
    '2026-01-31T03:45:00Z',
    '2026-01-31T13:00:00.999Z',
  ],
  [
    { startDate: '2026-01-31T10:00:00Z', endDate: '2026-01-31T10:00:00Z' },
    '2026-01-31T10:00:00Z',
    '2026-01-31T10:00:00.999Z',
  ],
  [{ startDate: '2026-01-31', endDate: '2026-01-31T23:59' }, '2026-01-31T00:00:00Z', '2026-01-31T23:59:59.999Z'],
  // Formats that the timestamps of events may have as well.
  [
    { startDate: '2026-01-31 10:00:00,5z', endDate: '2026-01-31t12:00:00+01' },
    '2026-01-31T10:00:00.500Z',
    '2026-01-31T11:00:00.999Z',
  ],
  // The clocks skip 02:30.
  [
    { startDate: '2026-03-29T02:30', endDate: '2026-03-29T03:30', timezone: 'Europe/Berlin' },
    '2026-03-29T01:30:00Z',
    '2026-03-29T01:30:59.999Z',
  ],
  // Dates take precedence over timeRange.
  [
    { startDate: '2026-01-31', endDate: '2026-02-01', timeRange: '90d' },
    '2026-01-31T00:00:00Z',
    '2026-02-01T23:59:59.999Z',
  ],
]

const WRONG: readonly (readonly [asked: Readonly<Record<string, string>>, named: string])[] = [
  ...[
    '2026-02-30',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-5',
    '20260105',
    '05.01.2026',
    'today',
    ' ',
    '2026-01',
  ].map((startDate) => [{ startDate }, 'startDate'] as const),
  ...[
    'T25:00',
    'T24:00:00',
    'T10:60',
    'T10:00:60',
    'T10',
    'T101530.123Z',
    'T10Z',
    ' 10:00:00 01:00',
    'T10:00:00+5',
    'T10:00:00 UTC',
    'T10:00:00+99:00',
    'T10:00:00+05:99',
    'T10:00:00.',
  ].map((time) => [{ startDate: `2026-01-31${time}` }, 'startDate'] as const),
  [{ startDate: '1767225600000' }, 'startDate'],
  [{ startDate: '+002026-01-01' }, 'startDate'],
  [{ startDate: '0000-01-01' }, 'startDate'],
  [{ startDate: '9999-12-31' }, 'startDate'],
  [{ endDate: '2026-01-31' }, 'endDate'],
  [{ endDate: '2026-01-31', timeRange: '7d' }, 'endDate'],
  [{ startDate: '2026-01-31', endDate: '2026-02-30' }, 'endDate'],
  [{ startDate: '2026-02-01', endDate: '2026-01-31' }, 'startDate'],
  [{ startDate: '2026-01-31T10:00:01Z', endDate: '2026-01-31T10:00:00Z' }, 'startDate'],
  [{ startDate: '2024-01-01', endDate: '2026-01-02' }, 'startDate'],
  [{ startDate: '2024-01-01T00:00:00Z', endDate: '2026-01-01T00:00:00.001Z' }, 'startDate'],
  ...[
    '+05:30',
    'UTC+1',
    'GMT+25',
    'Mars/Base',
    'Europe',
    'Europe/',
    '/Europe/Berlin',
    'Europe/Berlin ',
    '',
    '5',
    '../UTC',
    "UTC'--",
  ].map((timezone) => [{ timezone }, 'timezone'] as const),
]

describe('a time range', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
  }, 60_000)
  afterAll(() => app?.close(), 30_000)
  const ask = (asked: Readonly<Record<string, string>>, dashboard = 'overview') =>
    app.get(`/api/v1/analytics/${dashboard}?${new URLSearchParams({ ...asked }).toString()}`)

  test.each(RANGES)('of %j runs from %s to %s', async (asked, start, end) => {
    const { status, body } = await ask(asked)
    expect([status, (body?.data as { timeRange?: object } | undefined)?.timeRange]).toEqual([200, { start, end }])
    expect(body?.meta?.timezone).toBe(asked['timezone'] ?? 'UTC')
  })

  test.each(WRONG)('of %j is refused by the parameter %s', async (asked, named) => {
    const { status, body } = await ask(asked)
    expect([status, body?.error?.code, body?.error?.details?.map(({ path }) => path)]).toEqual([
      400,
      'VALIDATION_ERROR',
      [named],
    ])
  })

  test('with a start date alone ends today, and may not start tomorrow', async () => {
    const before = day(0)
    const { body } = await ask({ startDate: day(-3) })
    const { timeRange } = (body?.data ?? {}) as { timeRange?: { end: string } }
    expect([`${before}T23:59:59.999Z`, `${day(0)}T23:59:59.999Z`]).toContain(timeRange?.end ?? '')
    const tomorrow = await ask({ startDate: day(2) })
    expect([tomorrow.status, tomorrow.body?.error?.details?.[0]?.path]).toEqual([400, 'startDate'])
  })

  test('is read in the same way by all dashboards, invalid ones included', async () => {
    for (const dashboard of dashboardNames) {
      const right = await ask(
        { startDate: '2026-01-30T12:00', endDate: '2026-01-31', timezone: 'Asia/Kolkata' },
        dashboard,
      )
      expect([dashboard, right.status]).toEqual([dashboard, 200])
      for (const [asked, named] of [WRONG[0], WRONG.at(-2)].filter((each) => each !== undefined)) {
        const { status, body } = await ask(asked, dashboard)
        expect([dashboard, status, body?.error?.details?.[0]?.path]).toEqual([dashboard, 400, named])
      }
    }
  })

  test('of two years by the hour has every bucket', async () => {
    const { status, body } = await ask(
      { startDate: '2024-02-01', endDate: '2026-01-31', granularity: 'hour' },
      'messages',
    )
    expect(status).toBe(200)
    expect((body?.data as { timeSeries?: object[] } | undefined)?.timeSeries).toHaveLength(731 * 24)
  })
})

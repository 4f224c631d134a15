import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { IS_FULL } from '../../support/base/depth.ts'
import { granularitiesOf } from '../../support/dashboards/dashboards.ts'
import { type ComparedQuery, expectedComparedData } from '../../support/oracle/compared-data.ts'
import { differences } from '../../support/oracle/differences.ts'
import { historyOf } from '../../support/oracle/history.ts'
import { type Dashboard, dashboardNames } from '../../support/oracle/oracle.ts'
import { dateOf, DAY_MS, firstInstantOf, HOUR_MS, localDay } from '../../support/oracle/zone.ts'
import { trafficOf } from '../../support/traffic/traffic.ts'

/** Zones with clock changes of an hour, of half an hour and at midnight, and one without any, a quarter of an hour off. */
const ZONES = ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kathmandu'] as const
const TENANT = 'tenant-1'
const NOW = Date.now()
/** One of this number of queries is asked in each zone and of each dashboard, together all of them. */
const PARTS = IS_FULL ? 1 : 18

/** Two years of thin traffic, dense in the last weeks, with events after the present. */
const FEED = [
  ...trafficOf({
    seed: 71,
    tenants: [TENANT, 'tenant-2'],
    messages: 250,
    fromMs: NOW - 45 * DAY_MS,
    toMs: NOW + 3 * HOUR_MS,
    edgesMs: ZONES.flatMap((zone) =>
      [1, 8, 14, 16].map((daysAgo) => firstInstantOf(localDay(NOW, zone) - daysAgo, zone)),
    ),
  }),
  ...trafficOf({ seed: 73, tenants: ['tenant-3'], messages: 60, fromMs: NOW - 30 * DAY_MS, toMs: NOW - 1_000 }),
  ...trafficOf({ seed: 72, tenants: [TENANT], messages: 150, fromMs: NOW - 420 * DAY_MS, toMs: NOW - 330 * DAY_MS }),
]
const HISTORY = historyOf(FEED, TENANT)

/** The queries of a zone: presets and dates, complete and partial, each way of comparing. */
function queriesOf(timezone: string): ComparedQuery[] {
  const today = localDay(NOW, timezone)
  const date = (daysAgo: number) => dateOf(today - daysAgo)
  const instant = (daysAgo: number, restMs: number) => new Date(NOW - daysAgo * DAY_MS + restMs).toISOString()
  const ranges = [
    { timeRange: '7d' },
    { startDate: date(17), endDate: date(8) },
    { startDate: instant(12, 1_234_567), endDate: instant(5, -7_654_321) },
    { startDate: instant(3, 5_000_001), endDate: instant(-2, 0) },
  ]
  const ways = [
    { compare: 'previous' },
    { compare: 'previous', align: 'date' },
    { compare: 'year', align: 'weekday' },
    { compare: 'year', align: 'date' },
  ] as const
  return [
    ...ranges.flatMap((range) => ways.map((way) => ({ ...range, ...way, timezone }))),
    { compare: 'custom', compareStart: date(30), compareEnd: date(25), startDate: date(9), endDate: date(1), timezone },
    { compare: 'custom', compareStart: date(400), compareEnd: date(370), startDate: date(4), timezone },
  ]
}

const otherGranularities = (dashboard: Dashboard, query: ComparedQuery): ComparedQuery[] =>
  granularitiesOf(dashboard).map((granularity) => ({ ...query, granularity }))

describe('a comparison', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    await app.store(FEED)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = (dashboard: string, query: object, tenant = TENANT) =>
    app.get(`/api/v1/analytics/${dashboard}?${new URLSearchParams({ ...query }).toString()}`, { tenant })

  async function comparisonOf(query: object, tenant = TENANT) {
    const { data } = (await ask('overview', query, tenant)).body as unknown as {
      data: { comparison: { coverage: string; summary: { totalMessagesSent: number } } }
    }
    return data.comparison
  }

  async function mistakes(
    dashboard: Dashboard,
    queries: readonly ComparedQuery[],
    tenant = TENANT,
    history = HISTORY,
  ): Promise<string[]> {
    const found: string[] = []
    for (const query of queries) {
      const { status, text, body } = await ask(dashboard, query, tenant)
      if (status !== 200) found.push(`${JSON.stringify(query)}: ${status} ${text.slice(0, 300)}`)
      const { data, meta } = body as unknown as { data: object; meta: { asOf: string } }
      const expected = expectedComparedData(dashboard, history, query, Date.parse(meta.asOf))
      found.push(
        ...differences(data, expected)
          .slice(0, 5)
          .map((each) => `${JSON.stringify(query)}: ${each}`),
      )
    }
    return found
  }

  test.each(dashboardNames)(
    'of %s equals an independent calculation of both ranges',
    async (dashboard) => {
      const queries = ZONES.flatMap((zone, index) =>
        queriesOf(zone).filter((_, place) => place % PARTS === (index * 7 + dashboardNames.indexOf(dashboard)) % PARTS),
      )
      // Each granularity for some of them: an hourly series of every query is long.
      queries.push(
        ...queries.filter((_, place) => place % 5 === 0).flatMap((query) => otherGranularities(dashboard, query)),
      )
      expect(await mistakes(dashboard, queries)).toEqual([])
    },
    120_000,
  )

  test('of one entity pairs the items of its lists', async () => {
    let asked = 0
    const ofOne = (query: object) => {
      const ranges = [{ timeRange: '30d' }, { startDate: dateOf(localDay(NOW, 'UTC') - 12) }]
      const chosen = IS_FULL ? ranges : [ranges[asked++ % ranges.length]!]
      return chosen.map((range) => ({ compare: 'previous' as const, ...range, ...query }))
    }
    expect(await mistakes('campaigns', ofOne({ campaignId: 'campaign-0' }))).toEqual([])
    expect(await mistakes('workflows', ofOne({ workflowId: 'workflow-0' }))).toEqual([])
    expect(await mistakes('sequences', ofOne({ sequenceId: 'sequence-0' }))).toEqual([])
    expect(await mistakes('templates', ofOne({ templateId: 'template-0', channel: 'email' }))).toEqual([])
  }, 60_000)

  test('of a tenant without events after the present equals the independent calculation too', async () => {
    const history = historyOf(FEED, 'tenant-3')
    for (const [place, dashboard] of dashboardNames.entries()) {
      const zones = IS_FULL ? ZONES : [ZONES[place % ZONES.length]!]
      const queries = zones.map((timezone) => ({ compare: 'previous' as const, timeRange: '7d', timezone }))
      expect(await mistakes(dashboard, queries, 'tenant-3', history)).toEqual([])
    }
  }, 60_000)

  test('covers the older range from the first event of the tenant on, to the millisecond', async () => {
    const first = Math.min(...HISTORY.rows.map(({ atMs }) => atMs))
    const coverageFrom = async (start: number) => {
      const compareStart = new Date(start).toISOString()
      const compareEnd = new Date(start + DAY_MS).toISOString()
      return (await comparisonOf({ compare: 'custom', compareStart, compareEnd, timeRange: '1d' })).coverage
    }
    expect(await coverageFrom(first)).toBe('complete')
    expect(await coverageFrom(first - 1)).toBe('incomplete')
    expect((await comparisonOf({ compare: 'previous' }, 'nobody')).coverage).toBe('incomplete')
  })

  test('is not there without compare, and does not change the response', async () => {
    const query = { startDate: '2026-01-01', endDate: '2026-01-31' }
    const { body } = await ask('messages', query)
    expect(body?.data).not.toHaveProperty('comparison')
    expect((await ask('messages', { ...query, compare: 'none' })).body?.data).toEqual(body?.data)
  })

  const REFUSED = [
    [{ compare: 'custom' }, 'compareStart'],
    [{ compare: 'custom', compareStart: '2026-01-01' }, 'compareEnd'],
    [{ compare: 'custom', compareEnd: '2026-01-01' }, 'compareStart'],
    [{ compare: 'custom', compareStart: '2026-01-02', compareEnd: '2026-01-01' }, 'compareStart'],
    [{ compare: 'custom', compareStart: '2020-01-01', compareEnd: '2026-01-01' }, 'compareStart'],
    [{ compare: 'custom', compareStart: '2026-02-30', compareEnd: '2026-03-01' }, 'compareStart'],
    [{ compare: 'custom', compareStart: '2026-02-01', compareEnd: 'today' }, 'compareEnd'],
    [{ align: 'date' }, 'align'],
    [{ compare: 'none', align: 'weekday' }, 'align'],
    [{ compareStart: '2026-01-01', compareEnd: '2026-01-02' }, 'compareStart'],
    [{ compareEnd: '2026-01-02' }, 'compareEnd'],
    [{ compare: 'previous', compareStart: '2026-01-01' }, 'compareStart'],
    [{ compare: 'year', compareEnd: '2026-01-01' }, 'compareEnd'],
    [{ compare: 'lastyear' }, 'compare'],
    [{ compare: 'previous', align: 'month' }, 'align'],
  ] as const
  test.each(REFUSED)('%j is refused and %s is named', async (query, named) => {
    // The parameters are the same for all dashboards.
    const place = REFUSED.findIndex(([refused]) => refused === query)
    for (const dashboard of IS_FULL ? dashboardNames : [dashboardNames[place % dashboardNames.length]!]) {
      const { status, body } = await ask(dashboard, query)
      expect([dashboard, status]).toEqual([dashboard, 400])
      expect(body?.error?.details?.map(({ path }) => path)).toEqual([named])
    }
  })

  test('has its own entity tag, which changes with any event of the tenant', async () => {
    const query = { startDate: '2026-01-05', endDate: '2026-01-06', compare: 'previous' }
    const etagOf = async (asked: object) => (await ask('overview', asked)).headers.get('etag') ?? ''
    const etag = await etagOf(query)
    const others = [
      { ...query, compare: 'none' },
      { ...query, align: 'date' },
      { ...query, compare: 'year' },
    ]
    expect(new Set([etag, ...(await Promise.all(others.map(etagOf)))]).size).toBe(4)
    // The default alignment is the same query.
    expect(await etagOf({ ...query, align: 'weekday' })).toBe(etag)
    const again = await app.get(`/api/v1/analytics/overview?${new URLSearchParams(query).toString()}`, {
      tenant: TENANT,
      headers: { 'if-none-match': etag },
    })
    expect(again.status).toBe(304)
    // An event of the older range.
    const data = { messageId: crypto.randomUUID(), channel: 'email' }
    const before = (await comparisonOf(query)).summary.totalMessagesSent
    await app.store([['pipeline.message.sent', { tenantId: TENANT, timestamp: '2025-12-29T12:00:00Z', data }]])
    expect(await etagOf(query)).not.toBe(etag)
    expect((await comparisonOf(query)).summary.totalMessagesSent).toBe(before + 1)
  })
})

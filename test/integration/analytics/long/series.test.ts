import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { inconsistenciesOf } from '../../../support/dashboards/response-arithmetic.ts'
import { DASHBOARDS, granularitiesOf, presetOf } from '../../../support/dashboards/dashboards.ts'
import { migrated, openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'
import { differences } from '../../../support/oracle/differences.ts'
import { historyOf } from '../../../support/oracle/history.ts'
import { type DashboardQuery, dashboardNames, expectedData } from '../../../support/oracle/oracle.ts'
import { DAY_MS, type Granularity } from '../../../support/oracle/zone.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { endsInLongerBucket, ODD_ZONES, rangeCaseOf, rangeOfDays } from '../../../support/dashboards/range-cases.ts'
import { storeFeed } from '../../../support/store/stored-feed.ts'
import { testFactsAsOf } from '../../../support/store/facts/test-facts.ts'
import { trafficOf } from '../../../support/traffic/traffic.ts'

const STARTING_MS = 120_000
const SEED = 4
const CASES_A_ZONE = 4

const chance = chanceOf(SEED)
const ranges = [
  // The last day has 25 hours; two months of which the second is longer; a week of 169 hours; a day of 24 hours and a half.
  rangeOfDays('Europe/Berlin', '2026-10-18', '2026-10-25'),
  rangeOfDays('UTC', '2026-02-01', '2026-03-31'),
  rangeOfDays('America/New_York', '2025-10-20', '2025-11-02'),
  rangeOfDays('Australia/Lord_Howe', '2026-04-04', '2026-04-05'),
  // The first bucket by the hour is half an hour long.
  {
    ...rangeOfDays('Australia/Lord_Howe', '2026-04-05', '2026-04-05'),
    startDate: '2026-04-04T15:10:00Z',
    endDate: '2026-04-04T16:29:59.999Z',
  },
  ...ODD_ZONES.flatMap((zone) => Array.from({ length: CASES_A_ZONE }, () => rangeCaseOf(zone, chance))),
]

/** Each case is a tenant of its own, with its own events around the edges of its own range. */
const cases = ranges.map((range, index) => {
  const tenant = `case-${index}`
  const feed = trafficOf({
    seed: index,
    tenants: [tenant],
    messages: 6,
    fromMs: Date.parse(range.startDate) - 2 * DAY_MS,
    toMs: range.nowMs,
    edgesMs: range.edgesMs,
  })
  return { ...range, tenant, feed, history: historyOf(feed, tenant) }
})

describe('a series', () => {
  let opened: TestStore

  beforeAll(async () => {
    opened = await openEmbeddedStore('series_test')
    const events = await migrated(opened)
    // Merges would drop what is older than the retention.
    for (const table of ['analytics_events', 'analytics_message_facts'])
      await opened.store.writer.command(`SYSTEM STOP MERGES ${table}`)
    for (const { feed, nowMs } of cases) await storeFeed(events, feed, nowMs)
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  test.each(dashboardNames)(
    'of %s adds up to the summary and equals the independent calculation, for every length of its last bucket',
    async (name) => {
      const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
      const wrong: unknown[] = []
      for (const { zone, startDate, endDate, nowMs, tenant, history } of cases)
        for (const granularity of granularitiesOf(name).length > 0 ? granularitiesOf(name) : [undefined]) {
          const query: DashboardQuery = { timezone: zone, startDate, endDate, ...(granularity && { granularity }) }
          const range = resolveTimeRange({ startDate, endDate }, presetOf(name), findTimeZone(zone)!, nowMs)
          const request = { ...query, tenantId: tenant, zone: findTimeZone(zone)!, range, facts: testFactsAsOf(nowMs) }
          const data = (await DASHBOARDS[name](port, request)) as object
          const found = [
            ...inconsistenciesOf({ data }),
            ...differences(data, expectedData(name, history, query, nowMs)),
          ]
          if (found.length > 0) wrong.push({ query, found: found.slice(0, 3) })
        }
      expect(wrong).toEqual([])
    },
    STARTING_MS,
  )

  test('is tested with many ranges whose last bucket is longer than the others', () => {
    const longer = (size: Granularity) => cases.filter((each) => endsInLongerBucket(each, size)).length
    expect(longer('day')).toBeGreaterThan(5)
    expect(longer('week')).toBeGreaterThan(2)
    expect(longer('month')).toBeGreaterThan(2)
  })
})

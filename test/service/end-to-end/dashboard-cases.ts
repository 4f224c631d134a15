import { CHANNELS } from '../../../src/base/channels.ts'
import { granularitiesOf } from '../../support/dashboards/dashboards.ts'
import { beforeAll, describe, expect, test } from 'bun:test'
import { type History, type Published, historyOf } from '../../support/oracle/history.ts'
import { type Dashboard, type DashboardQuery, dashboardNames } from '../../support/oracle/oracle.ts'
import { DAY_MS, HOUR_MS, dateOf, firstInstantOf, localDay } from '../../support/oracle/zone.ts'
import { ODD_IDS } from '../../support/traffic/traffic-journeys.ts'
import { trafficOf } from '../../support/traffic/traffic.ts'
import { type Stage, mistakesOf, publishAndCount } from '../../support/process/service-fixture.ts'

const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Adelaide', 'Asia/Kolkata', 'Pacific/Chatham']
/** Clocks change in these, in Havana at midnight, so that a day there begins at one o'clock. */
const CHANGING_ZONES = ['America/New_York', 'Australia/Adelaide', 'Pacific/Chatham', 'America/Havana']
const PRESETS = ['1d', '7d', '30d', '90d']
const TENANTS = ['tenant-1', 'Tenant.two_2', 'org:3']
const [TENANT = ''] = TENANTS
const TIMEOUT_MS = 120_000

/** Every dashboard against the independent calculation, over one messy feed of three tenants. */
export function describeDashboards(stage: () => Stage): void {
  describe('dashboards', () => {
    const nowMs = Date.now()
    const feed = feedAround(nowMs)
    const histories = new Map(TENANTS.map((tenant) => [tenant, historyOf(feed, tenant)]))
    const history = histories.get(TENANT) as History
    const mistakes = async (dashboard: Dashboard, queries: readonly DashboardQuery[]) => {
      const found: string[] = []
      for (const query of queries)
        found.push(...(await mistakesOf(stage().service(), TENANT, history, dashboard, query)))
      return found
    }

    beforeAll(() => publishAndCount(stage(), feed), 90_000)

    for (const dashboard of dashboardNames) {
      for (const timezone of ZONES) {
        test(
          `${dashboard} equals the independent calculation in ${timezone}, for every range and granularity`,
          async () => {
            const ranges = [...PRESETS.map((timeRange) => ({ timeRange })), ...customRanges(nowMs, timezone)]
            const queries = ranges.flatMap((range) => withGranularities(dashboard, { ...range, timezone }))
            expect(await mistakes(dashboard, queries)).toEqual([])
          },
          TIMEOUT_MS,
        )
      }

      test(
        `${dashboard} is exact on days of 23 and 25 hours`,
        async () => {
          const queries = changedDays(nowMs).flatMap(({ day, zone }) => {
            const range = { startDate: dateOf(day), endDate: dateOf(day), timezone: zone }
            const around = { startDate: dateOf(day - 1), endDate: dateOf(day + 1), timezone: zone }
            // The odd day is the last bucket, or at the end of it, behind others of equal length.
            const upTo = { startDate: dateOf(day - 7), endDate: dateOf(day), timezone: zone }
            return [range, around, upTo].flatMap((query) => withGranularities(dashboard, query))
          })
          expect(queries.length).toBeGreaterThanOrEqual(3 * CHANGING_ZONES.length)
          expect(await mistakes(dashboard, queries)).toEqual([])
        },
        TIMEOUT_MS,
      )

      test(
        `${dashboard} of a tenant shows this tenant's events and no other's`,
        async () => {
          const found: string[] = []
          for (const [tenant, own] of [...histories, ['nobody', historyOf(feed, 'nobody')] as const]) {
            found.push(...(await mistakesOf(stage().service(), tenant, own, dashboard, {})))
          }
          expect(found).toEqual([])
        },
        TIMEOUT_MS,
      )
    }

    for (const [dashboard, queries] of filterCases()) {
      test(
        `${dashboard} keeps to its filters and limits, odd ids included`,
        async () => {
          expect(await mistakes(dashboard, queries)).toEqual([])
        },
        TIMEOUT_MS,
      )
    }
  })
}

function feedAround(nowMs: number): Published[] {
  const midnightsMs = ZONES.flatMap((zone) =>
    [1, 7, 30].map((daysAgo) => firstInstantOf(localDay(nowMs, zone) - daysAgo, zone)),
  )
  const recent = { tenants: TENANTS, fromMs: nowMs - 60 * DAY_MS, toMs: nowMs + 2 * HOUR_MS }
  const feed = trafficOf({ ...recent, seed: 20, messages: 350, edgesMs: midnightsMs })
  for (const [index, { day, zone }] of changedDays(nowMs).entries()) {
    const startMs = firstInstantOf(day, zone)
    const endMs = firstInstantOf(day + 1, zone)
    const around = { fromMs: startMs - 3 * HOUR_MS, toMs: endMs + 3 * HOUR_MS, edgesMs: [startMs, endMs] }
    feed.push(...trafficOf({ ...around, seed: 100 + index, tenants: [TENANT], messages: 40 }))
  }
  return feed
}

/** The days of the year until yesterday that had not 24 hours. */
function changedDays(nowMs: number): { day: number; zone: string }[] {
  return CHANGING_ZONES.flatMap((zone) => {
    const today = localDay(nowMs, zone)
    return Array.from({ length: 366 }, (_, index) => ({ day: today - 367 + index, zone })).filter(
      ({ day }) => firstInstantOf(day + 1, zone) - firstInstantOf(day, zone) !== DAY_MS,
    )
  })
}

function customRanges(nowMs: number, zone: string): DashboardQuery[] {
  const today = localDay(nowMs, zone)
  const instant = (daysAgo: number, restMs: number) => new Date(nowMs - daysAgo * DAY_MS + restMs).toISOString()
  return [
    { startDate: dateOf(today - 3) },
    { startDate: dateOf(today - 25), endDate: dateOf(today - 5) },
    // To the last day of a month of 31 days, from a day of the shorter one before it.
    monthsOf(today),
    { startDate: instant(21, 1_234_567), endDate: instant(2, -7_654_321) },
    { startDate: `${instant(9, 0).slice(0, 19)}+05:45`, endDate: dateOf(today) },
  ]
}

/** The newest two whole months behind each other of which the second is longer. */
function monthsOf(today: number): DashboardQuery {
  const date = new Date(today * DAY_MS)
  const first = (monthsAgo: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsAgo, 1) / DAY_MS
  let back = 2
  while (first(back - 2) - first(back - 1) <= first(back - 1) - first(back)) back++
  return { startDate: dateOf(first(back)), endDate: dateOf(first(back - 2) - 1) }
}

function withGranularities(dashboard: Dashboard, query: DashboardQuery): DashboardQuery[] {
  const asked = granularitiesOf(dashboard).filter((each) => each !== 'hour' || query.timeRange !== '90d')
  return [query, ...asked.map((granularity) => ({ ...query, granularity }))]
}

function filterCases(): [Dashboard, DashboardQuery[]][] {
  const channels = CHANNELS.map((channel) => ({ channel, timeRange: '30d' }))
  const limits = ['1', '3', '100'].map((limit) => ({ limit, timeRange: '90d' }))
  const idsOf = (kind: string) => [`${kind}-0`, `${kind}-3`, 'never-seen', ...ODD_IDS.map((odd) => `${kind} ${odd}`)]
  return [
    ['messages', channels.flatMap((query) => withGranularities('messages', query))],
    [
      'campaigns',
      [
        ...channels,
        ...limits,
        ...idsOf('campaign').map((campaignId) => ({ campaignId })),
        { campaignId: 'campaign-0', channel: 'sms', timezone: 'Asia/Kathmandu' },
      ],
    ],
    ['workflows', [...limits, ...idsOf('workflow').map((workflowId) => ({ workflowId }))]],
    ['sequences', [...limits, ...idsOf('sequence').map((sequenceId) => ({ sequenceId }))]],
    [
      'templates',
      [
        ...channels,
        ...limits,
        ...idsOf('template').map((templateId) => ({ templateId })),
        ...['2', '10', '1000'].map((minUsage) => ({ minUsage })),
      ],
    ],
  ]
}

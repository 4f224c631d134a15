import { CHANNELS } from '../../../src/base/channels.ts'
import { granularitiesOf } from './dashboards.ts'
import { beforeAll, describe, expect, test } from 'bun:test'
import { IS_FULL } from '../base/depth.ts'
import { type History, type Published, historyOf } from '../oracle/history.ts'
import { type Dashboard, type DashboardQuery, dashboardNames } from '../oracle/oracle.ts'
import { DAY_MS, HOUR_MS, dateOf, firstInstantOf, localDay } from '../oracle/zone.ts'
import { ODD_IDS } from '../traffic/traffic-journeys.ts'
import { trafficOf } from '../traffic/traffic.ts'
import { type DashboardClient, mistakesOf } from '../oracle/comparison.ts'

/** The zones of a full run. Half of them have no clock changes. */
export const ALL_ZONES: DashboardZones = {
  zones: ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Adelaide', 'Asia/Kolkata', 'Pacific/Chatham'],
  // These have clock changes; in Havana the clocks change at midnight, so that a day begins at 01:00.
  changing: ['America/New_York', 'Australia/Adelaide', 'Pacific/Chatham', 'America/Havana'],
}
/** The zones for a second client of the same queries. */
export const FEW_ZONES: DashboardZones = { zones: ['Asia/Kathmandu'], changing: ['America/Havana'] }

export interface DashboardZones {
  readonly zones: readonly string[]
  /** Zones in which the days of 23 and 25 hours are queried. */
  readonly changing: readonly string[]
}

export interface DashboardTarget extends DashboardZones {
  readonly client: () => DashboardClient
  /** Ensures that every response contains the events. */
  readonly store: (feed: readonly Published[]) => Promise<void>
}

const PRESETS = ['1d', '7d', '30d', '90d']
const TENANTS = ['tenant-1', 'Tenant.two_2', 'org:3']
const [TENANT = ''] = TENANTS
const TIMEOUT_MS = 120_000

/** Tests dashboards against the independent calculation, over one feed of three tenants with repeated and late events. */
export function describeDashboards(target: DashboardTarget): void {
  const { client, zones } = target
  describe('dashboards', () => {
    const nowMs = Date.now()
    const feed = feedAround(nowMs, target)
    const histories = new Map(TENANTS.map((tenant) => [tenant, historyOf(feed, tenant)]))
    const history = histories.get(TENANT) as History
    const mistakes = async (dashboard: Dashboard, queries: readonly DashboardQuery[]) => {
      const found: string[] = []
      for (const query of queries) found.push(...(await mistakesOf(client(), TENANT, history, dashboard, query)))
      return found
    }

    beforeAll(() => target.store(feed), 90_000)

    for (const [place, dashboard] of dashboardNames.entries()) {
      for (const [zonePlace, timezone] of zones.entries()) {
        test(
          `${dashboard} equals the independent calculation in ${timezone}, for its ranges and granularities`,
          async () => {
            const ranges = [...PRESETS.map((timeRange) => ({ timeRange })), ...customRanges(nowMs, timezone)]
            // Each range in one of the zones; of a second client, of one of the dashboards at least.
            const parts = 6
            const queries = chosenQueries(
              dashboard,
              { place: place + zonePlace, parts },
              ranges.map((range) => ({ ...range, timezone })),
            )
            expect(await mistakes(dashboard, queries)).toEqual([])
          },
          TIMEOUT_MS,
        )
      }

      test(
        `${dashboard} is exact on days of 23 and 25 hours`,
        async () => {
          const queries = changedDays(nowMs, target).flatMap(({ day, zone }, dayPlace) => {
            const range = { startDate: dateOf(day), endDate: dateOf(day), timezone: zone }
            const around = { startDate: dateOf(day - 1), endDate: dateOf(day + 1), timezone: zone }
            // The unusual day is the last bucket or the end of it, after others of equal length.
            const upTo = { startDate: dateOf(day - 7), endDate: dateOf(day), timezone: zone }
            return chosenQueries(dashboard, { place: place + dayPlace }, [range, around, upTo])
          })
          expect(queries.length).toBeGreaterThanOrEqual(2 * target.changing.length)
          expect(await mistakes(dashboard, queries)).toEqual([])
        },
        TIMEOUT_MS,
      )

      test(
        `${dashboard} shows the events of its tenant and of no other`,
        async () => {
          const found: string[] = []
          const others = IS_FULL || zones.length > 1 ? [...histories] : [...histories].slice(-1)
          for (const [tenant, own] of [...others, ['nobody', historyOf(feed, 'nobody')] as const]) {
            found.push(...(await mistakesOf(client(), tenant, own, dashboard, {})))
          }
          expect(found).toEqual([])
        },
        TIMEOUT_MS,
      )
    }

    for (const [place, [dashboard, all]] of filterCases().entries()) {
      // Most filters are those of several dashboards: each takes a part of them, and a second client of the same queries a smaller one.
      const parts = zones.length > 1 ? 3 : 6
      const queries = IS_FULL ? all : all.filter((_, index) => (index + place) % parts === 0)
      test(
        `${dashboard} applies its filters and limits, also for unusual ids`,
        async () => {
          expect(await mistakes(dashboard, queries)).toEqual([])
        },
        TIMEOUT_MS,
      )
    }
  })
}

function feedAround(nowMs: number, target: DashboardZones): Published[] {
  const midnightsMs = target.zones.flatMap((zone) =>
    [1, 7, 30].map((daysAgo) => firstInstantOf(localDay(nowMs, zone) - daysAgo, zone)),
  )
  const recent = { tenants: TENANTS, fromMs: nowMs - 60 * DAY_MS, toMs: nowMs + 2 * HOUR_MS }
  const feed = trafficOf({ ...recent, seed: 20, messages: 350, edgesMs: midnightsMs })
  // Two zones may change at the same instant: a message would then be sent twice at once.
  const edges = new Set(midnightsMs)
  for (const [index, { day, zone }] of changedDays(nowMs, target).entries()) {
    const startMs = firstInstantOf(day, zone)
    const endMs = firstInstantOf(day + 1, zone)
    const edgesMs = [startMs, endMs].filter((atMs) => !edges.has(atMs))
    for (const atMs of edgesMs) edges.add(atMs)
    const around = { fromMs: startMs - 3 * HOUR_MS, toMs: endMs + 3 * HOUR_MS, edgesMs }
    feed.push(...trafficOf({ ...around, seed: 100 + index, tenants: [TENANT], messages: 40 }))
  }
  return feed
}

/** The days of the last year, until yesterday, with more or less than 24 hours. */
function changedDays(nowMs: number, { changing }: DashboardZones): { day: number; zone: string }[] {
  return changing.flatMap((zone) => {
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
    // Ends on the last day of a month of 31 days, and starts on a day of the shorter month before it.
    monthsOf(today),
    { startDate: instant(21, 1_234_567), endDate: instant(2, -7_654_321) },
    { startDate: `${instant(9, 0).slice(0, 19)}+05:45`, endDate: dateOf(today) },
  ]
}

/** The most recent two consecutive complete months of which the second is longer. */
function monthsOf(today: number): DashboardQuery {
  const date = new Date(today * DAY_MS)
  const first = (monthsAgo: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsAgo, 1) / DAY_MS
  let back = 2
  while (first(back - 2) - first(back - 1) <= first(back - 1) - first(back)) back++
  return { startDate: dateOf(first(back)), endDate: dateOf(first(back - 2) - 1) }
}

/**
 * Queries for the ranges. Without `IS_FULL`: every `parts`th range, at the next place the next ones, with one granularity, the default included, another one for each range and
 * place. Over as many places all ranges are queried, and over the dashboards with most granularities.
 */
function chosenQueries(
  dashboard: Dashboard,
  { place, parts = 3 }: { readonly place: number; readonly parts?: number },
  ranges: readonly DashboardQuery[],
): DashboardQuery[] {
  if (IS_FULL) return ranges.flatMap((range) => withGranularities(dashboard, range))
  return ranges
    .filter((_, index) => (index + place) % parts === 0)
    .map((range, index) => {
      const queries = withGranularities(dashboard, range)
      return queries[(index + place) % queries.length]!
    })
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

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { QueryPort } from '../../../../src/analytics/query/tenant-query.ts'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { CHANNELS } from '../../../../src/base/channels.ts'
import { DASHBOARDS, granularitiesOf, presetOf, takenFilters } from '../../../support/dashboards/dashboards.ts'
import {
  FACTS_PROJECTIONS,
  migrated,
  openEmbeddedStore,
  project,
  PROJECTIONS,
  type TestStore,
} from '../../../support/store/engine.ts'
import { differences } from '../../../support/oracle/differences.ts'
import { historyOf } from '../../../support/oracle/history.ts'
import {
  type Dashboard,
  type DashboardQuery,
  dashboardNames,
  expectedDataOfRange,
  rangeOf,
} from '../../../support/oracle/oracle.ts'
import { dateOf, localDay } from '../../../support/oracle/zone.ts'
import { SEED } from '../../../support/base/seed.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { testFactsAsOf } from '../../../support/store/facts/test-facts.ts'
import { storeFeed } from '../../../support/store/stored-feed.ts'
import { trafficOf } from '../../../support/traffic/traffic.ts'

const STARTING_MS = 120_000
const NOW = Date.now()
const DAY_MS = 86_400_000
const TENANTS = ['tenant-a', 'tenant-b']
const ZONES = ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Asia/Kolkata']
const CASES = 600
const SORTS = ['humanOpenRate', 'humanClickRate', 'complaintRate', 'hardBounceRate'] as const

/** Queries that read rows when they are asked for one campaign, workflow or sequence; all others read rows at the edges of a range only. */
const OF_ROWS_FOR_ONE = ['campaigns_series', 'campaigns_engagement', 'workflows', 'sequences']
/** How often a query reads a projection, where that is not once. */
const READINGS: Readonly<Record<string, number>> = { sequences: 3, names: 0 }
/** The delays of opens and those of clicks. */
const OF_DELAYS = /_(delays|medians)$/
/** Queries of the messages with late events, which are rows. */
const OF_MESSAGES = /_late$/
const ALL_PROJECTIONS = [...PROJECTIONS, ...FACTS_PROJECTIONS]
const TABLES = ['analytics_events', 'analytics_message_facts']

describe(`dashboards read from roll-ups and the edges of a range: seed ${SEED}`, () => {
  const chance = chanceOf(SEED)
  const feed = trafficOf({ seed: SEED, tenants: TENANTS, messages: 120, fromMs: NOW - 50 * DAY_MS, toMs: NOW })
  let opened: TestStore
  let port: QueryPort
  const sent: { name: string; sql: string; parameters: object }[] = []

  beforeAll(async () => {
    opened = await openEmbeddedStore('roll_up_test')
    const events = await migrated(opened)
    // In several parts, as ingestion leaves them: one half with projections, the other not merged yet.
    const onHalf = async () => {
      await project(opened)
      await opened.store.writer.command('SYSTEM STOP MERGES analytics_events')
    }
    await storeFeed(events, feed, NOW, { parts: 3, onHalf })
    const real = createQueryPort(opened.store, systemClock, createServiceMetrics())
    port = {
      query(tenantId, query) {
        sent.push({ name: query.name, sql: query.sql, parameters: { ...query.parameters, tenant: tenantId } })
        return real.query(tenantId, query)
      },
    }
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  async function ask(name: Dashboard, tenantId: string, query: DashboardQuery, until = NOW) {
    const zone = findTimeZone(query.timezone ?? 'UTC')!
    const range = resolveTimeRange(query as object, presetOf(name), zone, NOW)
    return DASHBOARDS[name](port, { ...query, tenantId, zone, range, facts: testFactsAsOf(until) })
  }

  const history = new Map(TENANTS.map((tenant) => [tenant, historyOf(feed, tenant)]))

  function randomQuery(name: Dashboard): DashboardQuery {
    const start = NOW - chance.below(55 * DAY_MS)
    const end = start + chance.below(chance.pick([3_600_000, DAY_MS, 40 * DAY_MS]))
    const step = chance.pick([1, 1_000, 900_000, DAY_MS])
    const cut = chance.pick([23, 23, 19, 16])
    const instant = (ms: number) => `${new Date(Math.floor(ms / step) * step).toISOString().slice(0, cut)}Z`
    const timezone = chance.pick(ZONES)
    const date = (ms: number) => dateOf(localDay(ms, timezone))
    const range = chance.pick([
      {},
      { startDate: instant(start), endDate: instant(end) },
      { startDate: instant(start), endDate: date(end) },
      { startDate: date(start), endDate: date(end) },
    ])
    const granularities = granularitiesOf(name)
    return {
      timezone,
      ...range,
      ...takenFilters(name, {
        channel: chance.hits(0.3) ? chance.pick(CHANNELS) : undefined,
        entity: (noun) => (chance.hits(0.3) ? `${noun}-${chance.below(4)}` : undefined),
      }),
      ...(granularities.length > 0 ? { granularity: chance.pick(granularities) } : {}),
      ...(['campaigns', 'templates'].includes(name) && chance.hits(0.3) ? { sort: chance.pick(SORTS) } : {}),
    }
  }

  test(
    'equal a calculation over the rows, for random ranges, zones and filters',
    async () => {
      for (let index = 0; index < CASES; index++) {
        const name = chance.pick(dashboardNames)
        const tenantId = chance.pick(TENANTS)
        const query = randomQuery(name)
        // Events after the instant do not count for engagement.
        const until = chance.hits(0.5) ? NOW : NOW - chance.below(50 * DAY_MS)
        const range = rangeOf(name, query, NOW)
        const expected = expectedDataOfRange(name, history.get(tenantId)!, query, { range, asOfMs: until })
        expect({ query, until, differences: differences(await ask(name, tenantId, query, until), expected) }).toEqual({
          query,
          until,
          differences: [],
        })
      }
    },
    STARTING_MS,
  )

  /** What a query reads: the names of projections, or of the table for its rows. A scalar it begins with is a plan of its own. */
  async function readsOf({ sql, parameters }: { sql: string; parameters: object }): Promise<string[]> {
    const [reader] = opened.store.readers
    const plan = await reader!.query<{ explain: string }>(
      `EXPLAIN ${sql} SETTINGS optimize_functions_to_subcolumns = 0`,
      parameters as Record<string, string>,
    )
    const reads = plan.flatMap(({ explain }) => /ReadFromMergeTree \((?:.*\.)?(\w+)\)/.exec(explain)?.[1] ?? [])
    const scalar = /^\s*WITH \((.+)\) AS ended_members$/ms.exec(sql)?.[1]
    return scalar === undefined ? reads : [...reads, ...(await readsOf({ sql: scalar, parameters }))]
  }

  test(
    'read projections, and rows only where they must',
    async () => {
      await opened.store.writer.command('SYSTEM START MERGES analytics_events')
      await project(opened)
      const cases: { query: DashboardQuery; edges: number }[] = [
        { query: { timezone: 'UTC' }, edges: 0 },
        {
          query: {
            startDate: new Date(Math.floor(NOW / DAY_MS - 100) * DAY_MS).toISOString(),
            endDate: new Date(NOW).toISOString(),
          },
          edges: 1,
        },
      ]
      for (const { query, edges } of cases)
        for (const name of dashboardNames) {
          sent.length = 0
          await ask(name, 'tenant-a', query)
          for (const one of sent.filter((each) => !OF_MESSAGES.test(each.name))) {
            const reads = await readsOf(one)
            const readings = READINGS[one.name] ?? (OF_DELAYS.test(one.name) ? 2 : 1)
            const rowsRead = one.name.endsWith('_late_steps') ? 0 : edges * readings
            expect({
              name: one.name,
              rows: reads.filter((read) => TABLES.includes(read)).length,
              projections: reads.filter((read) => ALL_PROJECTIONS.some((projection) => read === projection)).length,
            }).toEqual({ name: one.name, rows: rowsRead, projections: readings })
          }
        }
      for (const [name, filter] of [
        ['campaigns', { campaignId: 'campaign-1' }],
        ['workflows', { workflowId: 'workflow-1' }],
        ['sequences', { sequenceId: 'sequence-1' }],
        ['templates', { templateId: 'template-1', channel: 'email' }],
        ['messages', { channel: 'email' }],
      ] as const) {
        sent.length = 0
        await ask(name, 'tenant-a', filter)
        for (const one of sent.filter((each) => !OF_MESSAGES.test(each.name)))
          expect({
            name: one.name,
            isOfRows: (await readsOf(one)).some((read) => TABLES.includes(read)),
          }).toEqual({ name: one.name, isOfRows: OF_ROWS_FOR_ONE.includes(one.name) })
      }
    },
    STARTING_MS,
  )

  test('control: a count that is not written as in the projection reads rows', async () => {
    const parameters = { tenant: 'tenant-a' }
    const sql = (count: string) =>
      `SELECT ${count} FROM analytics_events WHERE tenant_id = {tenant:String} GROUP BY channel`
    expect(await readsOf({ sql: sql("countIf(event_type = 'message_sent')"), parameters })).not.toContain(
      'analytics_events',
    )
    expect(await readsOf({ sql: sql("countIf('message_sent' = lower(event_type))"), parameters })).toEqual([
      'analytics_events',
    ])
    const factsSql = (sum: string) =>
      `SELECT ${sum} FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = 1 GROUP BY channel`
    expect(await readsOf({ sql: factsSql('sum(sign * bitTest(state, 0))'), parameters })).not.toContain(
      'analytics_message_facts',
    )
    expect(await readsOf({ sql: factsSql('sum(bitTest(state, 0) * sign)'), parameters })).toEqual([
      'analytics_message_facts',
    ])
  })
})

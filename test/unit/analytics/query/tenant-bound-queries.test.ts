import type { FactsAsOf, MessageState } from '../../../../src/analytics/engagement/facts-as-of.ts'
import { describe, expect, test } from 'bun:test'
import { type TSchema, TypeGuard } from '@sinclair/typebox'
import { resolveComparison } from '../../../../src/analytics/comparison/comparison-request.ts'
import { ALL_DASHBOARDS } from '../../../../src/analytics/dashboards/dashboards.ts'
import { type AnyDashboard, commonParameters } from '../../../../src/analytics/define-dashboard.ts'

import { type QueryRequest, resolveQuery } from '../../../../src/analytics/custom-query/query-request.ts'
import { runQuery } from '../../../../src/analytics/custom-query/run-query.ts'
import { readLiveEventCounts } from '../../../../src/analytics/live-event-counts.ts'
import type { QueryPort, TenantQuery } from '../../../../src/analytics/query/tenant-query.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { firstQuarterHour } from '../../../../src/analytics/query/coverage.ts'
import { sendCohortQueries } from '../../../support/dashboards/cohort-queries.ts'
import { sendDrillDownQueries } from '../../../support/dashboards/drill-down-queries.ts'
import { sendFunnelQueries } from '../../../support/dashboards/funnel-queries.ts'
import { queryNamesOfSource } from '../../../support/dashboards/query-names.ts'
import { unboundReads } from '../../../support/store/unbound-reads.ts'

const DAY_MS = 86_400_000
const NOON = Date.parse('2026-03-20T12:00:00Z')

/** The values of each parameter that a dashboard's SQL can depend on; undefined is left out. */
function filtersOf({ parameters }: AnyDashboard): Record<string, readonly unknown[]> {
  const own = Object.entries(parameters.properties).filter(
    ([name]) => !(name in commonParameters('7d')) && name !== 'cursor',
  )
  return Object.fromEntries(own.map(([name, schema]) => [name, [undefined, ...valuesOf(schema)]]))
}

/** Each granularity makes other buckets; of other closed lists one value stands for all. */
function valuesOf(schema: TSchema): readonly unknown[] {
  if (TypeGuard.IsInteger(schema)) return [schema.maximum === 1_000 ? 100 : 5]
  if (!TypeGuard.IsUnion(schema)) return ["x' OR 1"]
  const choices = schema.anyOf.map((choice) => choice['const'] as unknown)
  return choices.includes('hour') ? choices : choices.slice(0, 1)
}

const LIVE_FILTERS = {
  channel: [undefined, 'email'],
  campaignId: [undefined, "x' OR 1"],
  workflowId: [undefined, 'w'],
  sequenceId: [undefined, 's'],
  templateId: [undefined, 't'],
}

/** On edges of buckets and off them, empty of whole steps, two years wide, before and after all events. */
const RANGES = [
  [NOON - 7 * DAY_MS, NOON],
  [Date.parse('2026-03-01T00:00:00Z'), Date.parse('2026-03-31T23:59:59.999Z')],
  [Date.parse('2026-03-20T00:07:00.001Z'), Date.parse('2026-03-20T00:08:00Z')],
  [NOON, NOON],
  [Date.parse('2026-03-19T23:59:59.999Z'), Date.parse('2026-03-20T00:00:00Z')],
  [NOON - 730 * DAY_MS, NOON],
  [0, DAY_MS],
  [Date.parse('2105-12-31T00:00:00Z'), Date.parse('2106-02-28T00:00:00Z')],
] as const
const ZONES = ['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns']

function combinations(values: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(values).reduce<Record<string, unknown>[]>(
    (all, [name, choices]) => all.flatMap((one) => choices.map((choice) => ({ ...one, [name]: choice }))),
    [{}],
  )
}

/** Rows of any query, so that what follows from an answer, such as the names of what was found, is asked as well. */
const rowsOf = (bucket: number) =>
  ['total', 'day', 'sequence', 'step'].flatMap((kind) =>
    [0, 1].map((flag) => {
      const texts = {
        kind,
        channel: 'email',
        campaign: 'x',
        workflow: 'x',
        sequence: 'x',
        template: 'x',
        id: 'x',
        name: 'x',
      }
      const numbers = { is_total: flag, is_day: flag, is_bucket: flag, bucket, best: 1, worst: 1 }
      const sums = Array.from({ length: 64 }, () => 1)
      return new Proxy<Record<string, unknown>>(
        { ...texts, ...numbers, sums },
        { get: (row, name) => row[String(name)] ?? 1 },
      )
    }),
  )

const UNCHANGED: MessageState = {
  ...{ state: 0, opens: 0, clicks: 0, unknownEvents: 0, openDelay: -1, clickDelay: -1 },
  ...{ openedAfter: -1, clickedAfter: -1, humanOpenedAfter: -1, humanClickedAfter: -1 },
}
const factsUntil = (until: number): FactsAsOf => ({ rules: 1, until, actionsOf: () => [], stateAt: () => UNCHANGED })

const FILTER = {
  or: [
    { dimension: 'campaign', operator: 'in', values: ["x' OR 1"] },
    { not: { dimension: 'hourOfDay', operator: 'notIn', values: [7] } },
  ],
} as const
/** One for each way of reading. */
const QUERIES: readonly QueryRequest[] = [
  { metrics: ['sent', 'runs', 'enrollments', 'recipients', 'openRate'], dimensions: ['campaign', 'sourceType'] },
  { metrics: ['sent', 'messages', 'medianSecondsToOpen'], filter: FILTER, granularity: 'month', compare: 'previous' },
  { metrics: ['messages', 'medianSecondsToClick'], filter: { dimension: 'step', operator: 'in', values: [1] } },
  { metrics: ['opened', 'uniqueClicks'], dimensions: ['actorClass', 'link'], filter: FILTER },
  { metrics: ['uniqueOpens'], dimensions: ['actorClass'] },
  { metrics: ['bounced', 'bouncedMessages'], dimensions: ['bounceClass', 'recipientDomain'] },
]

test('every query that any dashboard or request for metrics sends, whatever it is asked, reads nothing that is not bound to the tenant', async () => {
  const sent = new Map<string, { name: string; sql: string }>()
  const port: QueryPort = {
    query<Row>(tenantId: string, { name, sql, parameters }: TenantQuery<Row>) {
      expect(tenantId).toBe('tenant-a')
      sent.set(`${name} ${sql}`, { name, sql })
      // With events that have to be classified one by one.
      if (name === 'query_actions') return Promise.resolve([{ kind: 'opened', class: -1, events: 1 }] as Row[])
      if (name === 'query_listed_count') return Promise.resolve([{ actions: 1 }] as Row[])
      if (name.startsWith('query_') && name !== 'query_late_steps') return Promise.resolve([])
      const buckets = parameters['buckets'] as readonly number[] | undefined
      return Promise.resolve(rowsOf(buckets?.[0] ?? Number(parameters['firstBucket'] ?? 0)) as Row[])
    },
  }
  for (const dashboard of ALL_DASHBOARDS)
    for (const filters of combinations(filtersOf(dashboard)))
      for (const [start, end] of RANGES)
        for (const zoneName of ZONES) {
          // Two years of hours are a hundred thousand numbers, in the same words as three months of them.
          if (end - start > 100 * DAY_MS && zoneName !== 'UTC') continue
          const zone = findTimeZone(zoneName)!
          const request = { tenantId: 'tenant-a', range: { start, end }, zone, facts: factsUntil(end), ...filters }
          await dashboard.read(port, request)
          const comparison = resolveComparison({ compare: 'previous' }, request.range, zone)!
          if (Object.values(filters).every((value) => value === undefined))
            for (const asOf of [start, end + 2 * DAY_MS])
              await dashboard.read(port, { ...request, compared: { comparison, asOf } })
        }

  for (const request of QUERIES)
    for (const [start, end] of RANGES) {
      const dates = { startDate: new Date(start).toISOString(), endDate: new Date(end).toISOString() }
      const query = resolveQuery({ ...dates, totals: true, timezone: 'America/St_Johns', ...request }, end)
      const context = { tenantId: 'tenant-a', facts: factsUntil(end), asOf: end, page: { after: undefined, limit: 10 } }
      await runQuery(port, query, context)
    }

  for (const [start, end] of RANGES) {
    await sendDrillDownQueries(port, 'tenant-a', { start, end })
    await sendFunnelQueries(port, 'tenant-a', { start, end })
    await sendCohortQueries(port, 'tenant-a', { start, end }, factsUntil(end))
  }

  await firstQuarterHour(port, 'tenant-a')
  for (const filters of combinations(LIVE_FILTERS))
    for (const [start, end] of RANGES) await readLiveEventCounts(port, 'tenant-a', { start, end }, filters)

  expect(
    [...sent.values()].flatMap(({ name, sql }) => unboundReads(sql).map((problem) => `${name}: ${problem}`)),
  ).toEqual([])

  // Every query of the source was sent: otherwise this test would check only some of them.
  const names = await queryNamesOfSource()
  const inSource = (name: string) =>
    names.includes(name) ? name : (names.find((each) => each.startsWith('*') && name.endsWith(each.slice(1))) ?? name)
  expect([...new Set([...sent.values()].map(({ name }) => inSource(name)))].toSorted()).toEqual(names)
  expect(sent.size).toBeGreaterThan(50)
}, 120_000)

describe('control: the reading of the SQL finds', () => {
  const BOUND = 'FROM analytics_events WHERE tenant_id = {tenant:String}'

  test.each([
    `SELECT 1 ${BOUND}`,
    `SELECT 1 FROM (SELECT 1 ${BOUND}) AS x JOIN (SELECT 1 ${BOUND}) AS y USING id`,
    `SELECT 1 ${BOUND} AND (channel = 'a' OR channel = 'b') GROUP BY x ORDER BY y LIMIT 1`,
    `WITH (SELECT 1 ${BOUND}) AS x SELECT 1 FROM (SELECT 1 ${BOUND} UNION ALL SELECT 2 ${BOUND} AND id IN {ids:Array(String)})`,
  ])('nothing in %s', (sql) => {
    expect(unboundReads(sql)).toEqual([])
  })

  test.each([
    'SELECT 1 FROM analytics_events',
    "SELECT 1 FROM analytics_events WHERE tenant_id = 'a'",
    `SELECT 1 ${BOUND} OR 1`,
    `SELECT 1 ${BOUND} AND x OR y`,
    `SELECT 1 ${BOUND} = 0`,
    'SELECT 1 FROM analytics_events WHERE NOT tenant_id = {tenant:String}',
    `SELECT 1 ${BOUND} UNION ALL SELECT 1 FROM analytics_events`,
    `SELECT 1 ${BOUND} AND id IN (SELECT id FROM analytics_names)`,
    `SELECT 1 ${BOUND} AND id IN analytics_names`,
    `SELECT 1 FROM (SELECT 1 ${BOUND}) JOIN analytics_names USING id`,
    `SELECT 1 FROM (SELECT 1 ${BOUND}) AS x JOIN (SELECT 1 FROM analytics_names) AS y USING id`,
    `SELECT 1 FROM (SELECT 1 ${BOUND}), analytics_names`,
    `SELECT 1 FROM (SELECT 1 ${BOUND}) AS x, system.parts`,
    `SELECT (SELECT count() from ANALYTICS_EVENTS) ${BOUND}`,
    `SELECT 1 ${BOUND} AND id IN (SELECT id FROM analytics.analytics_events WHERE tenant_id = {tenant:String})`,
    `SELECT 1 ${BOUND} AND id IN (SELECT id FROM merge('analytics', '.*'))`,
    `SELECT joinGet('analytics_names', 'name', id) ${BOUND}`,
    `SELECT 1 FROM analytics_events /* WHERE tenant_id = {tenant:String} */`,
    `SELECT 1 FROM analytics_events AS e WHERE tenant_id = {tenant:String}`,
    'SELECT 1 FROM system.parts',
    'SELECT 1',
  ])('what is wrong with %s', (sql) => {
    expect(unboundReads(sql)).not.toEqual([])
  })
})

/** Sends every query of cohorts, for tests of their SQL. */
import { type CohortRequest, resolveCohorts } from '../../../src/analytics/cohorts/cohort-request.ts'
import { readMembers } from '../../../src/analytics/cohorts/read-members.ts'
import { runCohorts } from '../../../src/analytics/cohorts/run-cohorts.ts'
import type { FilterTree } from '../../../src/analytics/filter/filter-tree.ts'
import type { FactsAsOf } from '../../../src/analytics/engagement/facts-as-of.ts'
import type { QueryPort, TenantQuery } from '../../../src/analytics/query/tenant-query.ts'
import { formatInstant } from '../../../src/analytics/time/buckets.ts'
import type { TimeRange } from '../../../src/analytics/time/time-range.ts'
import { TEST_FACTS } from '../store/facts/test-facts.ts'

const SHARED = { cohort: 'month', periods: 2, timezone: 'America/St_Johns' } as const
const FILTER: FilterTree = {
  or: [
    { dimension: 'campaign', operator: 'in', values: ["x' OR 1"] },
    { not: { dimension: 'hourOfDay', operator: 'notIn', values: [7] } },
    { dimension: 'step', operator: 'exists' },
  ],
}
const ENGAGEMENT = {
  kind: 'engagement',
  event: 'opened',
  human: true,
  period: 'week',
  ...SHARED,
} as const satisfies CohortRequest
const RETENTION = {
  kind: 'retention',
  counting: 'on',
  mode: 'firstTime',
  ...SHARED,
  start: { event: 'message_sent', filter: FILTER },
  return: { event: 'message_opened' },
} as const satisfies CohortRequest
const OF_CLASS: FilterTree = { dimension: 'actorClass', operator: 'in', values: ['human'] }

/** One for each form of the statements. */
const REQUESTS: readonly CohortRequest[] = [
  ENGAGEMENT,
  { ...ENGAGEMENT, filter: FILTER },
  RETENTION,
  { ...RETENTION, mode: 'recurring', counting: 'onOrAfter', return: RETENTION.start },
  { ...RETENTION, return: { event: 'message_sent' } },
  { ...RETENTION, mode: 'recurring', return: { event: 'message_sent' } },
  { ...RETENTION, return: { event: 'message_opened', filter: OF_CLASS } },
  { ...RETENTION, mode: 'recurring', return: { event: 'message_opened', filter: OF_CLASS } },
  { ...RETENTION, return: { event: 'message_sent', filter: OF_CLASS } },
]

/** Rows that make each query be followed by those that depend on its result. */
const rowsOf = (bucket: number, events: number): Readonly<Record<string, object[]>> => ({
  cohort_decay: [{ bucket, period: 0, messages: 1, last_sent: bucket, removed_rows: 1 }],
  cohort_size: [
    { event_type: 'message_sent', events },
    { event_type: 'message_opened', events },
  ],
})

/** Numbers of events that need one batch of contacts, and two. */
const sizesOf = (request: CohortRequest) => [1, request.return?.filter === OF_CLASS ? 200_001 : 20_000_001]

export async function sendCohortQueries(
  port: QueryPort,
  tenantId: string,
  range: TimeRange,
  facts: FactsAsOf,
): Promise<void> {
  const dates = { startDate: formatInstant(range.start), endDate: formatInstant(range.end) }
  for (const request of REQUESTS)
    for (const events of sizesOf(request)) {
      const query = resolveCohorts({ ...request, ...dates }, range.end)
      const answering: QueryPort = {
        async query<Row>(tenant: string, sent: TenantQuery<Row>) {
          const rows = await port.query(tenant, sent)
          if (sent.name.endsWith('_late_steps')) return rows
          return (rowsOf(query.buckets[0]!, events)[sent.name] ?? []) as Row[]
        },
      }
      const source = { port: answering, histories: TEST_FACTS.histories, rules: 1, facts: () => facts }
      await runCohorts(source, tenantId, query, range.end)
      for (const period of [undefined, 1])
        for (const after of [undefined, { id: "x' OR 1", startedAt: range.start }]) {
          const selection = { query, index: 0, period, isCumulative: false }
          await readMembers(source, tenantId, selection, range.end, { after, limit: 1 })
        }
    }
}

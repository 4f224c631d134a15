/** Sends every query of funnels, for tests of their SQL. */
import { resolveFunnel } from '../../../src/analytics/funnels/funnel-request.ts'
import type { MemberSelection } from '../../../src/analytics/funnels/members/member-request.ts'
import { readMembers } from '../../../src/analytics/funnels/members/read-members.ts'
import { runFunnel } from '../../../src/analytics/funnels/run-funnel.ts'
import type { QueryPort, TenantQuery } from '../../../src/analytics/query/tenant-query.ts'
import type { TimeRange } from '../../../src/analytics/time/time-range.ts'
import { TEST_FACTS } from '../store/facts/test-facts.ts'

const HUMAN = { dimension: 'actorClass', operator: 'in', values: ['human'] } as const
const CAMPAIGN = { dimension: 'campaign', operator: 'in', values: ["x' OR 1"] } as const
const AT_SEVEN = { dimension: 'hourOfDay', operator: 'in', values: [7] } as const

/** By class of time: one message in the lowest class. */
const LOWEST_CLASS = Array.from({ length: 5_000 }, (_, timeClass) => (timeClass === 0 ? 1 : 0))

/** One entity with two events from the time on, so that each query is followed by those that depend on its result. */
const rowsAt = (at: number, hasClasses: boolean): Readonly<Record<string, object>> => ({
  funnel_event_count: { events: 1 },
  funnel_events: {
    entity_text: 'x',
    times: [at, at + 1_000],
    masks: [1, 2],
    class_masks: hasClasses ? [1, 2].map((mask) => Array.from({ length: 6 }, () => mask)) : [],
    ids: ['00000000-0000-5000-8000-000000000001', '00000000-0000-5000-8000-000000000002'],
    event_values: ['x', 'x'],
    messages: ['x', 'x'],
  },
  funnel_sent_before: { messages: 1 },
  funnel_levels: {
    levels: [0, 1, 0, 1],
    open: [0, 0, 0, 0],
    counts: [LOWEST_CLASS, LOWEST_CLASS],
    times: [
      [[0], [0]],
      [[0], [0]],
    ],
  },
  funnel_times: { times0: [0], times1: [0] },
})

/** Sends the queries for a range. */
export async function sendFunnelQueries(port: QueryPort, tenantId: string, { start, end }: TimeRange): Promise<void> {
  const answering: QueryPort = {
    async query<Row>(tenant: string, query: TenantQuery<Row>) {
      await port.query(tenant, query)
      const row = rowsAt(start, !query.sql.includes('[] AS class_masks'))[query.name]
      return (row ? [row] : []) as Row[]
    },
  }
  const source = {
    port: answering,
    facts: { rules: 1, until: end, actionsOf: () => [], stateAt: TEST_FACTS.stateAt },
    histories: TEST_FACTS.histories,
  }
  const dates = { startDate: new Date(start).toISOString(), endDate: new Date(end).toISOString() }
  for (const entity of ['message', 'contact', 'enrollment', 'run'] as const)
    for (const order of ['ordered', 'strict', 'any'] as const)
      for (const [filter, breakdown] of [
        [CAMPAIGN, undefined],
        [AT_SEVEN, undefined],
        [HUMAN, { dimension: 'campaign', of: 'entry' }],
        [CAMPAIGN, { dimension: 'actorClass', of: 'last' }],
      ] as const) {
        const exclusions = [{ event: 'message_bounced', filter, after: 1, before: 2 }]
        const steps = [{ event: 'message_opened', filter }, { event: 'contact_created' }]
        const range = { ...dates, timezone: 'America/St_Johns' }
        const query = resolveFunnel(
          { entity, steps, order, window: '1d', exclusions, ...(breakdown && { breakdown }), ...range },
          end,
        )
        const selection: MemberSelection = { query, state: 'reached', step: 0, value: undefined, bucket: undefined }
        await runFunnel(source, tenantId, query, end)
        await readMembers(source, selection, { tenantId, until: end, limit: 1, after: undefined })
      }
  for (const filter of [CAMPAIGN, AT_SEVEN])
    for (const trend of [undefined, 'month'] as const) {
      const steps = [{ event: 'message_sent', filter }, { event: 'message_opened' }]
      const breakdown = { dimension: 'campaign', of: 'entry' } as const
      const request = {
        entity: 'message',
        steps,
        order: 'ordered',
        window: '1d',
        breakdown,
        ...(trend && { trend }),
      } as const
      const query = resolveFunnel({ ...request, ...dates, timezone: 'America/St_Johns' }, end)
      const selection: MemberSelection = { query, state: 'open', step: 1, value: undefined, bucket: undefined }
      await runFunnel(source, tenantId, query, end)
      await readMembers(source, selection, { tenantId, until: end, limit: 1, after: undefined })
    }
}

/** Sends every query of drill-down, for tests of their SQL. */
import { parseFilter } from '../../../src/analytics/filter/filter-tree.ts'
import { countCandidates } from '../../../src/analytics/drill-down/messages/message-selection.ts'
import { toMessageItems } from '../../../src/analytics/drill-down/messages/message-item.ts'
import { hasContact, searchEvents } from '../../../src/analytics/drill-down/search-events.ts'
import { searchMessages, selectionOf } from '../../../src/analytics/drill-down/messages/search-messages.ts'
import { Snapshots } from '../../../src/analytics/drill-down/snapshot.ts'
import { readMessageTimeline } from '../../../src/analytics/drill-down/timelines.ts'
import type { QueryPort, TenantQuery } from '../../../src/analytics/query/tenant-query.ts'
import type { TimeRange } from '../../../src/analytics/time/time-range.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { TEST_FACTS } from '../store/facts/test-facts.ts'

const leaf = (dimension: string, values: readonly (string | number)[]) => ({ dimension, operator: 'in', values })
/** Every dimension, and the class of the actor alone. */
const FILTERS = [
  undefined,
  {
    or: [
      leaf('actorClass', ['human']),
      { not: leaf('link', ["x' OR 1"]) },
      {
        and: [leaf('bounceClass', ['hard']), leaf('step', [1]), leaf('hourOfDay', [7]), leaf('dayOfWeek', ['Monday'])],
      },
      leaf('recipientDomain', ['x']),
      { dimension: 'channel', operator: 'exists' },
    ],
  },
  { and: [leaf('channel', ['email']), leaf('campaign', ['x']), leaf('sourceType', ['x'])] },
].map((filter) => parseFilter(filter, 'filter', { depth: 5, leaves: 24, values: 100 }))

/** Rows that make each query be followed by those that depend on its result. */
const ROWS: Readonly<Record<string, (at: number) => object[]>> = {
  latest_event: (at) => [{ events: 1, latest: at }],
  events_search: (at) => [
    { event_id: '00000000-0000-5000-8000-000000000001', event_type: 'message_opened', entity_id: 'm', occurred_ms: at },
  ],
  messages_search: (at) => [{ sent_ms: at, message_id: 'm' }],
  events_newer: () => [{ events: 0 }],
}

export async function sendDrillDownQueries(port: QueryPort, tenantId: string, range: TimeRange): Promise<void> {
  const answering: QueryPort = {
    async query<Row>(tenant: string, query: TenantQuery<Row>) {
      await port.query(tenant, query)
      return (ROWS[query.name]?.(range.end) ?? []) as Row[]
    },
  }
  const { histories } = TEST_FACTS
  const zone = findTimeZone('America/St_Johns')!
  const shared = { port: answering, histories, clock: systemClock }
  const source = { ...shared, snapshots: new Snapshots(shared), rules: 1, now: range.end }
  const after = { at: range.end, id: '00000000-0000-5000-8000-000000000002' }
  for (const filter of FILTERS) {
    const search = { tenantId, range, zone, filter, limit: 1 }
    for (const order of ['asc', 'desc'] as const)
      for (const ids of [{}, { messageId: "m' OR 1", contactId: "c' OR 1", eventTypes: ['message_opened'] }])
        for (const continuation of [undefined, { after, storedUntil: range.end, windowMs: 1_000 }])
          await searchEvents(source, { ...search, ...ids, order, continuation })
    for (const given of [{}, { messageIds: ["m' OR 1"], status: ['delivered'], not: ['opened'] } as const]) {
      const messages = { ...search, ...given }
      const selection = selectionOf(messages, { rules: 1, until: range.end }, histories)
      for (const place of [undefined, { sentAt: range.end, messageId: 'm' }])
        await searchMessages(shared, messages, selection, { limit: 1, after: place })
      await countCandidates(answering, selection)
    }
  }
  await hasContact(answering, tenantId, "c' OR 1")
  await readMessageTimeline(answering, histories, tenantId, "m' OR 1")
  const sent = { channel: '', contact_id: null, source_type: '', source_id: null, recipient_domain: null }
  const ids = { campaign_id: 'x', workflow_id: 'x', sequence_id: 'x', template_id: 'x' }
  const { outcome } = histories.ofRows(tenantId, [], 0)
  await toMessageItems(answering, tenantId, [{ messageId: 'm', sent: { ...sent, ...ids }, outcome }])
}

import { describe, expect, test } from 'bun:test'
import { ENGAGEMENT_COUNTS, MESSAGE_CONDITIONS } from '../../../../src/analytics/engagement-metrics.ts'
import { MessageFactsStore } from '../../../../src/clickhouse/facts/message-facts-store.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../../src/messages/classes/parse-class-rules.ts'
import { engagementOf } from '../../../../src/messages/engagement.ts'
import { type MessageEvent, readMessageEvent } from '../../../../src/messages/message-event.ts'
import { classifiedEvents, factsOf } from '../../../../src/messages/message-facts.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { migrated, STORE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const DATABASE = 'message_facts_test'
const START = Date.parse('2026-01-20T00:00:00.000Z')
const DAY_MS = 86_400_000
const TENANTS = ['t1', 't2']
const AGENTS = ['Mozilla/5.0', 'Mozilla/5.0 (iPhone)', 'curl/8', 'GoogleImageProxy']

/** Events of messages in three months, in no order. */
function randomRows(seed: number, count: number): EventRow[] {
  const { next: random, pick } = chanceOf(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = pick(['sent', 'sent', 'delivered', 'opened', 'opened', 'clicked', 'bounced', 'complained'])
    const message = Math.floor(random() * (count / 4))
    const at = START + (message % 60) * DAY_MS + Math.floor(random() * 30) * pick([500, 1_000, 3 * DAY_MS])
    const metadata = {
      ua: pick(AGENTS),
      url: pick(['a', 'b', 'c']),
      ...(kind === 'bounced' ? { status: pick(['5.1.1', '4.2.2', '5.7.1']) } : {}),
    }
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
    return rowOf(index, {
      id: `${hex(8)}-${hex(4)}-5${hex(3)}-8${hex(3)}-${hex(12)}`,
      tenant_id: TENANTS[message % 2]!,
      event_type: `message_${kind}`,
      entity_id: `m${message}`,
      channel: pick(['email', 'sms']),
      campaign_id: pick([null, 'c1', 'c2']),
      template_id: pick([null, 'tpl']),
      metadata: JSON.stringify(metadata),
      occurred_at: at,
    })
  })
}

/** The counts of a tenant that follow from the events. */
function expectedCounts(rows: readonly EventRow[], tenant: string) {
  const byMessage = new Map<string, MessageEvent[]>()
  for (const row of rows) {
    if (row.tenant_id !== tenant) continue
    const events = byMessage.get(row.entity_id) ?? []
    byMessage.set(row.entity_id, [...events, readMessageEvent(row)!])
  }
  const engagement = engagementOf([...byMessage.values()].map((events) => factsOf(classifiedEvents(events))))
  return Object.fromEntries(Object.keys(ENGAGEMENT_COUNTS).map((name) => [name, engagement[name as 'messages']]))
}

async function storedCounts({ store }: TestStore, tenant: string, settings: string) {
  const sums = Object.entries(ENGAGEMENT_COUNTS).map(
    ([name, { condition }]) => `sum(sign * bitTest(state, ${MESSAGE_CONDITIONS.indexOf(condition)})) AS ${name}`,
  )
  const [row] = await store.writer.query<Record<string, string>>(
    `SELECT ${sums.join(', ')} FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = 1
    AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime64(0, 3, 'UTC') SETTINGS ${settings}`,
    { tenant },
  )
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]))
}

async function openFacts(opened: TestStore) {
  const events = await migrated(opened)
  const writer = opened.store.openWriter()
  await writer.fence()
  return new MessageFactsStore(writer, {
    rules: DEFAULT_RULES_BY_TENANT,
    rulesNumber: 1,
    partitionOf: events.storePartitionOf,
  })
}

describe.each(STORE_PATHS)('the facts of messages on the %s', (_, openStore) => {
  test('equal what the events say, in whatever batches and however often they arrive, before and after merges', async () => {
    const opened = await openStore(DATABASE)
    const facts = await openFacts(opened)
    const rows = randomRows(20_261_129, 1_200)
    const { next: random } = chanceOf(7)
    for (let end = 0; end < rows.length;) {
      const start = end
      end = Math.min(rows.length, end + 1 + Math.floor(random() * 250))
      const repeated = rows.slice(0, start).filter(() => random() < 0.1)
      await facts.add(...inBlock([...repeated, ...rows.slice(start, end)]))
      for (const tenant of TENANTS) {
        const expected = expectedCounts(rows.slice(0, end), tenant)
        expect(await storedCounts(opened, tenant, 'optimize_use_projections = 0')).toEqual(expected)
        expect(
          await storedCounts(opened, tenant, "force_optimize_projection_name = 'messages_by_quarter_hour'"),
        ).toEqual(expected)
      }
    }
    await opened.store.admin.command(
      `OPTIMIZE TABLE ${DATABASE}.analytics_message_facts FINAL SETTINGS optimize_throw_if_noop = 1`,
    )
    for (const tenant of TENANTS) {
      const expected = expectedCounts(rows, tenant)
      expect(await storedCounts(opened, tenant, 'optimize_use_projections = 0')).toEqual(expected)
      expect(await storedCounts(opened, tenant, "force_optimize_projection_name = 'messages_by_quarter_hour'")).toEqual(
        expected,
      )
    }
    await opened.close()
  }, 120_000)
})

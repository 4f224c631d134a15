/** Events of messages for tests of the stored facts, and their counts by a slow calculation. */
import { ENGAGEMENT_COUNTS } from '../../../../src/analytics/engagement/engagement-metrics.ts'
import { MESSAGE_CONDITIONS } from '../../../../src/analytics/engagement/message-conditions.ts'
import type { StoreConnection } from '../../../../src/clickhouse/connection/store-connection.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { chanceOf } from '../../base/random.ts'
import { rowOf } from '../../ingest/event-samples.ts'
import { type SampleEvent, SLOW_DEFAULTS } from '../../oracle/messages/message-classes.ts'
import { slowEngagement } from '../../oracle/messages/message-engagement.ts'

const START = Date.parse('2026-01-20T00:00:00.000Z')
const DAY_MS = 86_400_000
const FACTS_TENANTS = ['t1', 't2', 't3']
const AGENTS = ['Mozilla/5.0', 'Mozilla/5.0 (iPhone)', 'curl/8', 'GoogleImageProxy']

/** Events of messages in two months, in no order. */
export function randomMessageRows(seed: number, count: number): EventRow[] {
  const { next: random, pick } = chanceOf(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = pick(['sent', 'sent', 'delivered', 'opened', 'opened', 'clicked', 'bounced', 'complained'])
    const message = Math.floor(random() * (count / 4))
    const metadata = {
      ua: pick(AGENTS),
      url: pick(['a', 'b', 'c']),
      ...(kind === 'bounced' ? { status: pick(['5.1.1', '4.2.2', '5.7.1']) } : {}),
    }
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
    return rowOf(index, {
      id: `${hex(8)}-${hex(4)}-5${hex(3)}-8${hex(3)}-${hex(12)}`,
      tenant_id: FACTS_TENANTS[message % FACTS_TENANTS.length]!,
      event_type: `message_${kind}`,
      entity_id: `m${message}`,
      channel: pick(['email', 'sms']),
      campaign_id: pick([null, 'c1', 'c2']),
      metadata: JSON.stringify(metadata),
      occurred_at: START + (message % 20) * DAY_MS + Math.floor(random() * 30) * pick([500, 1_000, DAY_MS / 2]),
    })
  })
}

/** Opens and clicks of one tenant count as a scanner's for longer: the configuration, and what it means for the slow calculation. */
export const CHANGED_RULES = JSON.stringify({ tenants: { t2: { tooFastSeconds: 30, burstLinks: 2 } } })
export const changedRulesOf = (tenant: string): typeof SLOW_DEFAULTS =>
  tenant === 't2' ? { ...SLOW_DEFAULTS, tooFast: 30, links: 2 } : SLOW_DEFAULTS

type Counts = Readonly<Record<string, number>>

/** The counts of each tenant that follow from these events. */
export function expectedCounts(
  rows: readonly EventRow[],
  rulesOf: (tenant: string) => typeof SLOW_DEFAULTS = () => SLOW_DEFAULTS,
): Record<string, Counts> {
  return Object.fromEntries(
    FACTS_TENANTS.map((tenant) => {
      const byMessage = Map.groupBy(
        rows.filter((row) => row.tenant_id === tenant),
        ({ entity_id }) => entity_id,
      )
      const engagement = slowEngagement([...byMessage.values()].map(samplesOf), Infinity, rulesOf(tenant))
      return [tenant, Object.fromEntries(NAMES.map((name) => [name, engagement[name as 'messages']]))]
    }),
  )
}

function samplesOf(rows: readonly EventRow[]): SampleEvent[] {
  return rows.map(({ id, event_type, occurred_at, metadata }) => ({
    id,
    kind: event_type.replace('message_', ''),
    at: occurred_at,
    data: JSON.parse(metadata) as SampleEvent['data'],
  }))
}

const NAMES = Object.keys(ENGAGEMENT_COUNTS)
const SUMS = Object.entries(ENGAGEMENT_COUNTS).map(
  ([name, { condition }]) => `toInt32(sum(sign * bitTest(state, ${MESSAGE_CONDITIONS.indexOf(condition)}))) AS ${name}`,
)

/** The stored counts of each tenant by the rules of a version. */
export async function storedCounts(connection: StoreConnection, rules: number): Promise<Record<string, Counts>> {
  const counts: Record<string, Counts> = {}
  for (const tenant of FACTS_TENANTS) {
    const [row] = await connection.query<Counts>(
      `SELECT ${SUMS.join(', ')} FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}`,
      { tenant, rules },
    )
    counts[tenant] = row!
  }
  return counts
}

/** What the recorded cluster answers, so that the service and its commands send all of their statements. */
import { hashMessage } from '../../../src/clickhouse/facts/message-hash.ts'
import { RULES_VERSION } from '../../../src/messages/classes/class-rules.ts'
import { NOW } from '../ingest/event-samples.ts'
import type { Reply } from './statement-recorder.ts'

export const CLUSTER = { name: 'analytics_cluster', database: 'analytics' }
export const TENANT = 'tenant-1'
const REQUEST = '00000000-0000-4000-8000-000000000000'

const PROJECTION =
  "SELECT tenant_id, toStartOfInterval(occurred_at, toIntervalDay(1), 'UTC') AS day, count() GROUP BY tenant_id, day"
/** The first one whose pattern matches a statement is the answer to it. */
export const REPLIES: readonly Reply[] = [
  { to: /^SELECT name, argMax\(checksum/, code: 60, once: true },
  { to: /^SELECT name, argMax\(checksum/ },
  { to: /engine_full/, rows: [{ engine: `ReplicatedReplacingMergeTree('/clickhouse/tables/${CLUSTER.name}/…` }] },
  { to: /'find_message_places'/, rows: [{ hash: messageHash(TENANT, 'm1'), at: 0 }] },
  {
    to: /'find_pending_recalculations'/,
    rows: [{ tenant_id: TENANT, request_id: REQUEST, message_id: 'm1' }],
    once: true,
  },
  { to: /'count_pending_recalculations'/, rows: [{ messages: 0 }] },
  { to: /'read_facts_versions'/, once: true },
  {
    to: /'read_facts_versions'/,
    rows: [2, 1, 0].map((stateNumber, index) => ({
      number: index + 1,
      rulesVersion: RULES_VERSION,
      rulesText: '{}',
      stateNumber,
    })),
  },
  { to: /'read_clock'/, rows: [{ now: NOW }] },
  { to: /'count_message_events'/, rows: [{ tenant: TENANT, events: 1 }] },
  { to: /'list_months_of_message_events'/, rows: [{ month: 202603 }] },
  {
    to: /'count_message_events_of_month'/,
    rows: [
      { tenant: TENANT, events: 1 },
      { tenant: 'tenant-2', events: 20_000 },
    ],
  },
  { to: /'count_message_events_of_tenant'/, rows: [{ start: 0, events: 1 }] },
  { to: /'list_partitions_of_facts'/, rows: [{ id: '1-202603' }] },
  { to: /serverTimezone/, rows: [{ name: 'UTC' }] },
  { to: /AS epoch\b/, rows: [{ epoch: '7' }] },
  { to: /AS failure FROM/, rows: [{ mutations: 0, failure: '' }] },
  { to: /SELECT projection, month/, rows: [{ projection: 'totals_by_day', month: '202601', parts: 1 }] },
  { to: /AS month, count\(\) AS rows/, rows: [{ month: 202601, rows: 1 }] },
  {
    to: /SELECT DISTINCT source, month/,
    rows: [
      { source: 'analytics_events_local', month: '202512' },
      { source: 'analytics_message_facts_local', month: '202512' },
    ],
  },
  {
    to: /FROM system.projections/,
    rows: [{ storage: 'analytics_events_local', name: 'totals_by_day', query: PROJECTION }],
  },
  { to: /'count_events_of_messages'/, rows: [{ events: 1 }] },
  { to: /AS checksum/, rows: [{ groups: '1', checksum: '1' }] },
  { to: /AS duplicates/, rows: [{ duplicates: '0' }] },
  { to: /toString\(count\(\)\) AS rows/, rows: [{ rows: '1' }] },
]

function messageHash(tenantId: string, messageId: string): string {
  const [tenant, message] = [tenantId, messageId].map((text) => new TextEncoder().encode(text)) as [
    Uint8Array,
    Uint8Array,
  ]
  const words = new Uint32Array(2)
  hashMessage(tenant, message, 0, message.length, words, 0)
  return String(new BigUint64Array(words.buffer)[0])
}

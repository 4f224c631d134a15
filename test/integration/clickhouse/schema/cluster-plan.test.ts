import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEntityNames } from '../../../../src/analytics/query/entity-names.ts'
import { readLiveEventCounts } from '../../../../src/analytics/live-event-counts.ts'
import type { QueryPort, TenantQuery } from '../../../../src/analytics/query/tenant-query.ts'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import { clusterStatements } from '../../../../src/clickhouse/schema/cluster-ddl.ts'
import type { Store, StoreConnection } from '../../../../src/clickhouse/connection/store-connection.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { connectServerStore } from '../../../../src/clickhouse/connection/server/server-store.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { failureOf } from '../../../support/clickhouse-front/client.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { MIGRATIONS } from '../../../support/store/cluster-golden.ts'
import { CLUSTER } from '../../../support/store/cluster-replies.ts'
import { DASHBOARDS, presetOf } from '../../../support/dashboards/dashboards.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { dashboardNames } from '../../../support/oracle/oracle.ts'

/** Unreachable shards, which are not needed for query plans. The keeper is the in-memory keeper of the engine's own tests. */
const SHARD = '<shard><replica><host>127.0.0.1</host><port>1</port></replica></shard>'
const CONFIG = `<clickhouse><remote_servers><${CLUSTER.name}>${SHARD}${SHARD}</${CLUSTER.name}></remote_servers>
  <zookeeper><implementation>testkeeper</implementation></zookeeper><macros><shard>1</shard><replica>1</replica></macros></clickhouse>`
/** Error code: the condition does not determine the shard. */
const UNABLE_TO_SKIP = 507

const directory = mkdtempSync(join(tmpdir(), 'outreach-cluster-'))
let front: ClickHouseFront
let store: Store
let tables: string[]
beforeAll(async () => {
  const config = join(directory, 'config.xml')
  writeFileSync(config, CONFIG)
  front = await startClickHouseFront({ path: join(directory, 'data'), config })
  const options = { url: front.url, user: 'default', password: '', readerCount: 1, writer: 'nobody' }
  const node = connectServerStore({ ...options, database: CLUSTER.database })
  for (const { name, sql } of MIGRATIONS)
    for (const statement of clusterStatements(name, sql, CLUSTER))
      // This engine supports neither ON CLUSTER nor changes of replicated tables, since it has no port for replicas.
      if (/^CREATE|^ALTER TABLE \S+events ON/.test(statement))
        await node.admin.command(statement.replace(/ ON CLUSTER `\w+`/, ''))
  const rows = await node.admin.query<{ engine: string }>(
    `SELECT concat(name, ' ', engine) AS engine FROM system.tables WHERE database = {database:String} ORDER BY name`,
    { database: CLUSTER.database },
  )
  tables = rows.map(({ engine }) => engine)
  await node.close()
  store = connectServerStore({ ...options, database: CLUSTER.database, cluster: CLUSTER.name })
}, 60_000)
afterAll(async () => {
  await store.close()
  // On shutdown its replicated tables would wait for a keeper.
  await front.kill()
  rmSync(directory, { recursive: true, force: true })
}, 60_000)

/** The engine runs this scalar subquery before it plans a query, which would need a shard, so it is planned separately. */
const SCALAR = /^\s*WITH \(([\s\S]*?)\) AS ended_members\n/

interface Plan {
  readonly sql: string
  readonly text: string
}

/** A port that plans each query of the readers instead of running it, and returns no rows. */
function planning(plans: Plan[]): QueryPort {
  const reader = store.readers[0]!
  const plan = async (sql: string, parameters: Parameters<StoreConnection['query']>[1]) => {
    const rows = await reader.query<{ explain: string }>(`EXPLAIN ${sql}`, parameters)
    plans.push({ sql, text: rows.map(({ explain }) => explain).join('\n') })
  }
  const connection: StoreConnection = {
    ...reader,
    async query(sql, parameters) {
      const scalar = SCALAR.exec(sql)?.[1]
      if (scalar !== undefined) await plan(scalar, parameters)
      await plan(sql.replace(SCALAR, 'WITH (SELECT groupBitmapState(toUInt32(1))) AS ended_members\n'), parameters)
      return []
    },
  }
  return createQueryPort({ ...store, readers: [connection] }, systemClock, createServiceMetrics())
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

describe('the plans of the engine for a cluster', () => {
  test('tables are replicated, and sharded tables have a distributed table', () => {
    expect(tables).toEqual([
      'analytics_api_keys ReplicatedReplacingMergeTree',
      'analytics_erasures ReplicatedReplacingMergeTree',
      'analytics_events Distributed',
      'analytics_events_local ReplicatedMergeTree',
      'analytics_facts_progress ReplicatedReplacingMergeTree',
      'analytics_facts_versions ReplicatedAggregatingMergeTree',
      'analytics_message_facts Distributed',
      'analytics_message_facts_local ReplicatedCollapsingMergeTree',
      'analytics_message_recalculations Distributed',
      'analytics_message_recalculations_local ReplicatedAggregatingMergeTree',
      'analytics_migrations ReplicatedReplacingMergeTree',
      'analytics_names Distributed',
      'analytics_names_local ReplicatedAggregatingMergeTree',
      'analytics_request_audit Distributed',
      'analytics_request_audit_local ReplicatedMergeTree',
      'analytics_surrogate_ids Distributed',
      'analytics_surrogate_ids_local ReplicatedAggregatingMergeTree',
      'analytics_writers ReplicatedAggregatingMergeTree',
    ])
  })

  const zone = findTimeZone('Asia/Kathmandu')!
  const queries: Record<string, (port: QueryPort) => Promise<unknown>> = {
    ...Object.fromEntries(
      dashboardNames.map((name) => [
        name,
        (port: QueryPort) =>
          DASHBOARDS[name](port, {
            tenantId: 'tenant-1',
            zone,
            range: resolveTimeRange({}, presetOf(name), zone, NOW),
          }),
      ]),
    ),
    names: (port) => findEntityNames(port, 'tenant-1', 'campaign', ['c']),
    'live event counts': (port) => readLiveEventCounts(port, 'tenant-1', resolveTimeRange({}, '1d', zone, NOW), {}),
  }

  test.each(Object.entries(queries))('%s: one shard reads and aggregates all rows', async (_, ask) => {
    const plans: Plan[] = []
    await ask(planning(plans))
    expect(plans.length).toBeGreaterThan(0)
    for (const { sql, text } of plans) {
      const reads = count(sql, /FROM analytics_\w+ WHERE/g)
      expect([sql, count(text, /ReadFromRemote/g)]).toEqual([sql, reads])
      // The results of one shard need no merge.
      expect([sql, count(text, /MergingAggregated/g)]).toEqual([sql, 0])
    }
  })

  test('control: a query without a tenant is rejected, and one of several tenants is merged', async () => {
    const unbound: TenantQuery<object> = { name: 'x', sql: 'SELECT count() FROM analytics_events', parameters: {} }
    expect(await failureOf(planning([]).query('tenant-1', unbound))).toMatchObject({ engineCode: UNABLE_TO_SKIP })
    const plans: Plan[] = []
    const sql = "SELECT count() FROM analytics_events WHERE tenant_id IN ('a', 'b', 'c', 'd', 'e')"
    await planning(plans).query('tenant-1', { name: 'x', sql, parameters: {} })
    expect(plans[0]!.text).toContain('MergingAggregated')
  })
})

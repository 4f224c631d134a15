/**
 * All statements that the service sends to a cluster, for comparison with the files in test/golden/cluster. `bun test/support/store/cluster-golden.ts` rewrites these files:
 * review the difference before you commit it.
 */
import { findEntityNames } from '../../../src/analytics/query/entity-names.ts'
import { readLiveEventCounts } from '../../../src/analytics/live-event-counts.ts'
import { resolveTimeRange } from '../../../src/analytics/time/time-range.ts'
import { createApiKeyStore } from '../../../src/clickhouse/access/api-key-store.ts'
import { clusterStatements } from '../../../src/clickhouse/schema/cluster-ddl.ts'
import { CLUSTER_SETTINGS, type StatementSettings } from '../../../src/clickhouse/connection/cluster-settings.ts'
import type { Store } from '../../../src/clickhouse/connection/store-connection.ts'
import { checkConsistency } from '../../../src/clickhouse/schema/consistency-check.ts'
import { eraseContact } from '../../../src/clickhouse/access/erase-contact.ts'
import { FIND_IDS_AT_KEYS } from '../../../src/clickhouse/write/stored-id-queries.ts'
import { StoredIdFilter } from '../../../src/clickhouse/filter/stored-id-filter.ts'
import { StoredIdIndex } from '../../../src/clickhouse/write/stored-id-index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { FactsKeeper } from '../../../src/clickhouse/facts/versions/facts-keeper.ts'
import { ONE_PARTITION } from '../../../src/clickhouse/facts/versions/partition-progress.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { runMaintenance } from '../../../src/clickhouse/schema/maintenance.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { createRequestAuditStore, readRequestAudit } from '../../../src/clickhouse/access/request-audit-store.ts'
import { connectServerStore } from '../../../src/clickhouse/connection/server/server-store.ts'
import { rowPolicyStatements } from '../../../src/clickhouse/access/row-policies.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { DASHBOARDS, presetOf } from '../dashboards/dashboards.ts'
import { NOW, rowOf } from '../ingest/event-samples.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { dashboardNames } from '../oracle/oracle.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { CLUSTER, REPLIES, TENANT } from './cluster-replies.ts'
import { type Recorded, startRecorder } from './statement-recorder.ts'
import { inBlock } from './event-blocks.ts'

/** The text of a file and its statements. */
export interface Golden {
  readonly text: string
  readonly statements: readonly string[]
}

/** The recorded files by their names. */
export async function goldenFiles(): Promise<Record<string, Golden>> {
  return {
    'migrations.sql': migrationStatements(),
    'row-policies.sql': golden(
      (await rowPolicyStatements({ ...CLUSTER, cluster: CLUSTER.name, user: 'dashboards', password: 'secret' })).map(
        (sql) => ['', sql] as const,
      ),
    ),
    'service.sql': await serviceStatements(),
  }
}

export const MIGRATIONS = readMigrations().toSorted((a, b) => (a.name < b.name ? -1 : 1))

function migrationStatements(): Golden {
  return golden(
    MIGRATIONS.flatMap(({ name, sql }) =>
      clusterStatements(name, sql, CLUSTER).map((statement) => [name, statement] as const),
    ),
  )
}

/** The statements of the service and its commands, in sections. */
async function serviceStatements(): Promise<Golden> {
  const recorder = await startRecorder(REPLIES)
  const store = connectServerStore({
    url: recorder.url,
    user: 'default',
    password: '',
    database: CLUSTER.database,
    cluster: CLUSTER.name,
    readerCount: 1,
    writer: 'analytics',
    reader: { user: 'dashboards', password: 'secret' },
  })
  const recorded: (readonly [string, string])[] = []
  const seen = new Set<string>()
  const during = async (title: string, task: () => Promise<unknown>) => {
    await task()
    for (const statement of recorder.take().map(textOf)) {
      if (seen.has(statement)) continue
      seen.add(statement)
      recorded.push([title, statement])
    }
  }
  try {
    await recordAll(store, during)
  } finally {
    await store.close()
    recorder.stop()
  }
  const legend = Object.entries(CLUSTER_SETTINGS).map(
    ([use, settings]: [string, StatementSettings]) => `-- ${use}: ${listed(settings)}\n`,
  )
  const { text, statements } = golden(recorded)
  return { text: `${legend.join('')}\n${text}`, statements }
}

type During = (title: string, task: () => Promise<unknown>) => Promise<void>

async function recordAll(store: Store, during: During): Promise<void> {
  const { database } = CLUSTER
  const clock = new ManualClock(NOW)
  const rows = [rowOf(1, { tenant_id: TENANT, campaign_id: 'c', contact_id: 'x' })]
  const events = createEventStore(store, { clock })
  await during('the ledger', () => migrate(store.admin, database, MIGRATIONS.slice(0, 2), silentLogger))
  await during('the fence', () => events.open())
  await during('lookups', async () => {
    await events.findStored(...inBlock(rows))
    await events.compareWithStored(...inBlock(rows))
  })
  await during('the index of stored ids', async () => {
    // The index itself sends it only with many ids, which would fill pages here.
    const keys = { tenants: [TENANT], types: ['message_sent'], keys: '' }
    await store.writer.query(FIND_IDS_AT_KEYS, { ...keys, ids: '', count: 0 })
    await new StoredIdIndex(store.openWriter(), { filter: new StoredIdFilter(1) }).build()
  })
  await during('inserts', async () => {
    await events.writeNames([{ tenant_id: TENANT, kind: 'campaign', id: 'c', occurred_at: NOW, name: 'C' }])
    await events.insertRows(...inBlock(rows))
  })
  await during('the facts of messages', async () => {
    await events.addToMessages(...inBlock(rows))
  })
  await during('versions of the facts of messages', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const keeper = new FactsKeeper({
      events,
      maintenance: store.maintenance,
      database,
      partitions: ONE_PARTITION,
      isLeader: () => true,
      onChange: resolve,
      graceMs: 0,
      clock: systemClock,
      logger: silentLogger,
      report: (_, error) => {
        throw error
      },
    })
    await keeper.take(0)
    keeper.start()
    await promise
    await keeper.stop(AbortSignal.timeout(5_000))
  })
  const keys = createApiKeyStore(store)
  await during('API keys', async () => {
    await keys.add({ id: '1', tenantId: TENANT, secretHash: '', scopes: [], createdAt: NOW, expiresAt: undefined })
    await keys.find(['1'])
    await keys.list(undefined)
    await keys.list(TENANT)
    await keys.revoke('1', NOW)
  })
  await during('the request audit', async () => {
    await createRequestAuditStore(store.auditConnection).append([])
    await readRequestAudit(store.auditConnection, { tenantId: TENANT, since: 0, limit: 1 })
  })
  await during('maintenance', () => runMaintenance(store.maintenance, database, { tenantCount: 1 }))
  await during('the consistency check', () => checkConsistency(store.maintenance, database, { rules: 1, clock }))
  await during('an erasure', async () => {
    await eraseContact(store, TENANT, 'x', { database, clock, isServiceRunning: false })
    await events.recalculateMessages(() => true)
  })
  await during('the readiness check', () => store.ping())
  await recordDashboards(store, during, clock)
}

/** Each dashboard without parameters, and the other tenant queries. */
async function recordDashboards(store: Store, during: During, clock: ManualClock): Promise<void> {
  const port = createQueryPort(store, clock, createServiceMetrics())
  const zone = findTimeZone('UTC')!
  for (const name of dashboardNames) {
    const range = resolveTimeRange({}, presetOf(name), zone, NOW)
    await during(`the dashboard ${name}`, () => DASHBOARDS[name](port, { tenantId: TENANT, zone, range }))
  }
  const today = resolveTimeRange({}, '1d', zone, NOW)
  await during('names', () => findEntityNames(port, TENANT, 'campaign', ['c']))
  await during('the live stream', () => readLiveEventCounts(port, TENANT, today, {}))
}

/** The statement with the purpose of its settings, which are listed at the beginning of the file. */
function textOf({ sql, settings }: Recorded): string {
  const use = Object.entries(CLUSTER_SETTINGS).find(
    ([, known]: [string, StatementSettings]) => listed(known) === listed(settings),
  )
  const lines = sql.split('\n').map((line) => line.trimEnd())
  return `-- ${use?.[0] ?? listed(settings)}\n${lines.join('\n').trim()}`
}

function listed(settings: StatementSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .toSorted()
    .join(', ')
}

/** Statements in sections with titles. */
function golden(titled: readonly (readonly [string, string])[]): Golden {
  let last: string | undefined
  let text = ''
  for (const [title, statement] of titled) {
    if (title !== last && title !== '') text += `---- ${title}\n\n`
    last = title
    text += `${statement};\n\n`
  }
  return { text: text.trimEnd() + '\n', statements: titled.map(([, statement]) => statement) }
}

if (import.meta.main) {
  for (const [name, { text }] of Object.entries(await goldenFiles()))
    await Bun.write(new URL(`../../golden/cluster/${name}`, import.meta.url), text)
}

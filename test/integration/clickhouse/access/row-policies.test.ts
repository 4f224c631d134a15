import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueryPort } from '../../../../src/analytics/query/tenant-query.ts'
import { resolveTimeRange } from '../../../../src/analytics/time/time-range.ts'
import type { Store } from '../../../../src/clickhouse/connection/store-connection.ts'
import { createQueryPort, createUnqueuedQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { connectServerStore } from '../../../../src/clickhouse/connection/server/server-store.ts'
import { connectWebStore } from '../../../../src/clickhouse/connection/web-store.ts'
import { rowPolicyStatements } from '../../../../src/clickhouse/access/row-policies.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { StoreFailure } from '../../../../src/base/errors.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { DASHBOARDS, presetOf } from '../../../support/dashboards/dashboards.ts'
import { migrated, openEmbeddedStore, project } from '../../../support/store/engine.ts'
import { differences } from '../../../support/oracle/differences.ts'
import { historyOf } from '../../../support/oracle/history.ts'
import { dashboardNames, expectedData } from '../../../support/oracle/oracle.ts'
import { storeFeed } from '../../../support/store/stored-feed.ts'
import { trafficOf } from '../../../support/traffic/traffic.ts'
import { STAND_IN_SETTING, rowPolicyConfiguration } from '../../../support/store/row-policy-engine.ts'

const DATABASE = 'row_policy_test'
const READER = { user: 'analytics_reader', password: "o'clock" }
const NOW = Date.now()
const DAY_MS = 86_400_000
const TENANTS = ['tenant-a', 'tenant-b']
const FEED = trafficOf({ seed: 31, tenants: TENANTS, messages: 60, fromMs: NOW - 20 * DAY_MS, toMs: NOW })
/** Error codes: missing grant, read-only. */
const NOT_ALLOWED: readonly unknown[] = [497, 164]
const TABLES = ['analytics_events', 'analytics_names', 'analytics_message_facts']

const statements = () => rowPolicyStatements({ database: DATABASE, ...READER })
const directory = mkdtempSync(join(tmpdir(), 'outreach-row-policies-'))
const fronts: ClickHouseFront[] = []

const accessTo = ({ url }: ClickHouseFront) => ({
  url,
  ...READER,
  database: DATABASE,
  reader: READER,
  tenantSetting: STAND_IN_SETTING,
})

/** The store as the reading user sees it, with the row policies of the selected statements. */
async function openAsReader(isApplied: (statement: string) => boolean): Promise<{ store: Store; port: QueryPort }> {
  const config = rowPolicyConfiguration((await statements()).filter(isApplied), READER.user, directory)
  const front = await startClickHouseFront({ path: join(directory, 'data'), config, ...READER })
  fronts.push(front)
  const store = connectServerStore({ ...accessTo(front), readerCount: 2, writer: 'nobody' })
  return { store, port: createQueryPort(store, systemClock, createServiceMetrics()) }
}

/** A query without its tenant condition, which `tenantQuery` would reject. */
const unbound = (table: string) => ({
  name: 'unbound',
  sql: `SELECT DISTINCT tenant_id AS tenant FROM ${table} ORDER BY tenant`,
  parameters: {},
})
const tenantsSeen = async (port: QueryPort, table: string) =>
  (await port.query<{ tenant: string }>('tenant-a', unbound(table))).map(({ tenant }) => tenant)

beforeAll(async () => {
  const front = await startClickHouseFront({ path: join(directory, 'data') })
  const store = connectServerStore({
    url: front.url,
    user: 'default',
    password: '',
    database: DATABASE,
    readerCount: 1,
    writer: 'test',
  })
  const opened = { store, database: DATABASE, path: '', close: () => store.close() }
  await storeFeed(await migrated(opened), FEED, NOW)
  await project(opened)
  await store.close()
  await front.stop()
}, 60_000)
afterAll(async () => {
  for (const front of fronts) await front.stop()
  rmSync(directory, { recursive: true, force: true })
}, 60_000)

describe('with row policies', () => {
  let store: Store
  let port: QueryPort
  beforeAll(async () => {
    ;({ store, port } = await openAsReader(() => true))
  }, 60_000)
  afterAll(async () => {
    await store.close()
    await fronts.pop()!.stop()
  })

  test.each(dashboardNames)('the dashboard %s is unchanged', async (name) => {
    const zone = findTimeZone('Asia/Kathmandu')!
    const request = { tenantId: 'tenant-a', zone, range: resolveTimeRange({}, presetOf(name), zone, NOW) }
    const expected = expectedData(name, historyOf(FEED, 'tenant-a'), { timezone: zone.name }, NOW)
    expect(differences(await DASHBOARDS[name](port, request), expected)).toEqual([])
  })

  test.each(TABLES)('a query on %s without a tenant condition returns only rows of its tenant', async (table) => {
    expect(await tenantsSeen(port, table)).toEqual(['tenant-a'])
  })

  test('the store over fetch is restricted in the same way', async () => {
    const web = connectWebStore(accessTo(fronts.at(-1)!))
    await web.ping()
    for (const table of TABLES) expect(await tenantsSeen(createUnqueuedQueryPort(web), table)).toEqual(['tenant-a'])
  })

  test('a query without a tenant setting fails or returns no rows', async () => {
    for (const table of TABLES) {
      const rows = await store.readers[0]!.query(unbound(table).sql).catch(() => [])
      expect(rows).toEqual([])
    }
    await store.ping()
  })

  test('the reading user can read no other table and write nothing', async () => {
    for (const sql of [
      'SELECT * FROM analytics_request_audit FORMAT Null',
      'SELECT * FROM analytics_erasures FORMAT Null',
      "SELECT * FROM file('/etc/passwd', 'LineAsString') FORMAT Null",
      "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString') FORMAT Null",
      "INSERT INTO analytics_names (tenant_id, kind, id) SELECT 'tenant-b', 'campaign', 'x'",
      'DROP TABLE analytics_names',
      'SET readonly = 0',
    ]) {
      const failure: unknown = await store.readers[0]!.command(sql).catch((error: unknown) => error)
      expect([sql, failure instanceof StoreFailure && NOT_ALLOWED.includes(failure.engineCode)]).toEqual([sql, true])
    }
  })

  test('counts are still read from projections', async () => {
    const sql = `SELECT count() AS events FROM analytics_events WHERE tenant_id = 'tenant-a'
      AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime(0, 'UTC')
      SETTINGS force_optimize_projection = 1, optimize_functions_to_subcolumns = 0, ${STAND_IN_SETTING} = 'tenant-a'`
    const [row] = await store.readers[0]!.query<{ events: number }>(sql)
    expect(Number(row?.events)).toBeGreaterThan(0)
  })
})

describe('control:', () => {
  test.each(TABLES)(
    'without the row policy of %s, rows of all tenants are visible, and the check of the store fails',
    async (table) => {
      const { store, port } = await openAsReader(
        (statement) => !(statement.startsWith('CREATE ROW POLICY') && statement.includes(`\`${table}\``)),
      )
      expect(await tenantsSeen(port, table)).toEqual(TENANTS)
      expect(
        await store.ping().then(
          () => 'passes',
          () => 'fails',
        ),
      ).toBe('fails')
      await store.close()
      await fronts.pop()!.stop()
    },
    60_000,
  )
})

describe('the statements of row policies', () => {
  test('are parsed by the engine as intended', async () => {
    const opened = await openEmbeddedStore('row_policy_statements_test')
    const kinds: string[] = []
    for (const statement of await statements()) {
      const [row] = await opened.store.admin.query<{ formatted: string }>(
        'SELECT formatQuery({sql:String}) AS formatted',
        { sql: statement },
      )
      kinds.push(row!.formatted.replaceAll('`', ''))
    }
    await opened.close()
    const one = (table: string) =>
      `CREATE ROW POLICY OR REPLACE one_tenant ON row_policy_test.${table} FOR SELECT USING tenant_id = getSetting('SQL_tenant') TO analytics_reader`
    const all = (table: string) =>
      `CREATE ROW POLICY OR REPLACE all_tenants ON row_policy_test.${table} FOR SELECT USING 1 TO ALL EXCEPT analytics_reader`
    expect(kinds).toEqual([
      expect.stringMatching(
        /^CREATE USER OR REPLACE analytics_reader IDENTIFIED WITH sha256_hash .*SETTINGS readonly = 2$/,
      ),
      ...TABLES.map(one),
      ...TABLES.map(all),
      ...TABLES.map((table) => `GRANT SELECT ON row_policy_test.${table} TO analytics_reader`),
    ])
  }, 60_000)

  test('do not contain the password', async () => {
    expect((await statements()).join()).not.toContain('clock')
  })
})

/**
 * The second wall, on a server: dashboards are read as a user who may only read, only the tables of the dashboards, and of them only the rows of the tenant that a
 * query names in a setting. A query that lacked its tenant's condition would then show nobody else's rows.
 */
import { StoreFailure } from '../../base/errors.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import type { ReadStore, StoreConnection } from '../connection/store-connection.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import { clusterTopology, SINGLE_SERVER } from '../schema/table-topology.ts'

/** Servers accept custom settings of this prefix as they come (`custom_settings_prefixes`). */
export const TENANT_SETTING = 'SQL_tenant'

/** What dashboards read. */
const DASHBOARD_TABLES = ['analytics_events', 'analytics_names'] as const

/**
 * What is put behind a dashboard's settings, where there is a wall. A tenant's id is the only value from outside that stands among settings, and its letters
 * (`A-Z a-z 0-9 . _ : -`) end no literal; throws for anything else.
 */
export function tenantSettingSql({ tenantSetting }: Pick<ReadStore, 'tenantSetting'>, tenantId: string): string {
  if (tenantSetting === undefined) return ''
  if (!isTenantId(tenantId)) throw new Error('Whoever asks behind the wall has to be a tenant.')
  return `, ${tenantSetting} = ${quoteText(tenantId)}`
}

/** Rejects with a StoreFailure when the store does not answer, or answers as if there were no wall: whoever names no tenant is to see nothing. */
export async function checkRowPolicies(reader: StoreConnection, tenantSetting: string): Promise<void> {
  for (const table of DASHBOARD_TABLES) {
    const visibleRows = await reader.query(
      `SELECT 1 FROM ${table} LIMIT 1 SETTINGS force_optimize_skip_unused_shards = 0, ${tenantSetting} = ''`,
    )
    if (visibleRows.length > 0) throw new StoreFailure('rejected', `The reader sees rows of ${table} without a tenant.`)
  }
}

export interface RowPolicyOptions {
  readonly database: string
  /** Undefined = one server. */
  readonly cluster?: string | undefined
  readonly user: string
  readonly password: string
}

/**
 * The statements that build the wall, to be run by someone who may make users. They can be repeated, for another password too: whatever stops them half-way, the
 * reader sees too little, never too much, since it may read nothing before the last of them. In a cluster the policies are those of the tables that hold the rows.
 */
export async function rowPolicyStatements({ database, cluster, user, password }: RowPolicyOptions): Promise<string[]> {
  const reader = quoteIdentifier(user)
  const topology = cluster === undefined ? SINGLE_SERVER : clusterTopology({ name: cluster, database })
  const { storageTable, onCluster } = topology
  const path = (table: string) => `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  const tables = DASHBOARD_TABLES.map((table) => path(storageTable(table)))
  const readable = [...new Set([...DASHBOARD_TABLES.map(path), ...tables])]
  return [
    `CREATE USER OR REPLACE ${reader}${onCluster} IDENTIFIED WITH sha256_hash BY ${quoteText(await sha256(password))} SETTINGS readonly = 2`,
    ...tables.map(
      (table) =>
        `CREATE ROW POLICY OR REPLACE one_tenant${onCluster} ON ${table} FOR SELECT USING tenant_id = getSetting(${quoteText(TENANT_SETTING)}) TO ${reader}`,
    ),
    // A server may be set to show nothing to those for whom there is no policy, once a table has one: the writer would then store everything twice.
    ...tables.map(
      (table) =>
        `CREATE ROW POLICY OR REPLACE all_tenants${onCluster} ON ${table} FOR SELECT USING 1 TO ALL EXCEPT ${reader}`,
    ),
    ...readable.map((table) => `GRANT${onCluster} SELECT ON ${table} TO ${reader}`),
  ]
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

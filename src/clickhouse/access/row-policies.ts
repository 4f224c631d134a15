/**
 * Row policies on a server: dashboards are read as a user who may only read, only the dashboard tables, and only the rows of the tenant that the query names in a setting
 * (see tenant-setting.ts).
 */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import { clusterTopology, SINGLE_SERVER } from '../connection/table-topology.ts'
import { DASHBOARD_TABLES, TENANT_SETTING } from '../connection/tenant-setting.ts'

export interface RowPolicyOptions {
  readonly database: string
  /** Undefined = one server. */
  readonly cluster?: string | undefined
  readonly user: string
  readonly password: string
}

/**
 * The statements that create the reading user and its row policies; the user who runs them needs the right to create users. They can be repeated, also with another
 * password. If they stop half-way the reader sees too few rows, never too many, since it gets the right to read with the last statements. In a cluster the policies apply to
 * the tables that store the rows.
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
    // A server may be configured to hide a table with a policy from users without one: the writer would then find no stored events and store them again.
    ...tables.map(
      (table) =>
        `CREATE ROW POLICY OR REPLACE all_tenants${onCluster} ON ${table} FOR SELECT USING 1 TO ALL EXCEPT ${reader}`,
    ),
    ...readable.map((table) => `GRANT${onCluster} SELECT ON ${table} TO ${reader}`),
  ]
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest))
}

/**
 * Options and parameter binding for the HTTP interface of a ClickHouse server, shared by both clients.
 */
import type { QueryParameter } from '../../../analytics/query/tenant-query.ts'
import {
  CLUSTER_SETTINGS,
  type ClusterSettings,
  NO_CLUSTER_SETTINGS,
  type StatementSettings,
} from '../cluster-settings.ts'
import { type BindStatement, MAX_QUERY_BYTES, type StoreConnection } from '../store-connection.ts'
import { inlineParameters } from '../sql-literals.ts'
import { named } from '../named-statement.ts'
import { clusterTopology, SINGLE_SERVER, type TableTopology } from '../table-topology.ts'
import { checkRowPolicies, TENANT_SETTING } from '../tenant-setting.ts'

export interface ServerConnectionOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  /** The cluster that the server is a node of. */
  readonly cluster?: string | undefined
  /** The user of the readers, whose rows are restricted by row policies; undefined = the same user as for writing, without row policies. */
  readonly reader?: ServerCredentials | undefined
  /** Replaces TENANT_SETTING. */
  readonly tenantSetting?: string
}

export interface ServerCredentials {
  readonly user: string
  readonly password: string
}

/** The timeout of a request: longer than any time limit inside the statements. */
const REQUEST_TIMEOUT_MS = 30_000
/**
 * A server rejects a parameter above 128 KiB, in the URL or in a form (`http_max_field_value_size`), and a request cannot raise this limit. A text of this length stays
 * below it in UTF-8 and with escapes.
 */
const MAX_BOUND_CHARACTERS = 20_000

export function topologyOf({ cluster, database }: ServerConnectionOptions): TableTopology {
  return cluster === undefined ? SINGLE_SERVER : clusterTopology({ name: cluster, database })
}

export function clusterSettingsOf({ cluster }: ServerConnectionOptions): ClusterSettings {
  return cluster === undefined ? NO_CLUSTER_SETTINGS : CLUSTER_SETTINGS
}

/** The setting that names the tenant; undefined without row policies. */
export function tenantSettingOf({ reader, tenantSetting }: ServerConnectionOptions): string | undefined {
  return reader && (tenantSetting ?? TENANT_SETTING)
}

export function clientOptions(
  { url }: ServerConnectionOptions,
  { user, password }: ServerCredentials,
  database: string | undefined,
  statementSettings: StatementSettings,
) {
  return {
    url,
    username: user,
    password,
    ...(database === undefined ? {} : { database }),
    application: 'outreach-analytics',
    request_timeout: REQUEST_TIMEOUT_MS,
    use_multipart_params_auto: true,
    clickhouse_settings: { max_query_size: String(MAX_QUERY_BYTES), ...statementSettings },
    log: { level: 127 } as const,
  }
}

// The server binds parameters itself. Values that are too long become literals, as on the embedded engine; so do values with NUL, which may truncate a form or a URL.
export const bindServerStatement: BindStatement = (sql, parameters = {}) =>
  Object.values(parameters).every(canBindOnServer)
    ? { query: sql, query_params: parameters }
    : { query: inlineParameters(sql, parameters) }

function canBindOnServer(value: QueryParameter): boolean {
  let characters = 0
  for (const item of typeof value === 'object' ? value : [value]) {
    const text = String(item)
    if (text.includes('\0')) return false
    // Each item has quotes and a comma.
    characters += text.length + 3
  }
  return characters <= MAX_BOUND_CHARACTERS
}

/** Rejects with a StoreFailure when the server does not answer or its row policies are missing although they are configured. */
export async function pingServer(reader: StoreConnection, tenantSetting: string | undefined): Promise<void> {
  if (tenantSetting === undefined) await reader.query(named('ping', 'SELECT 1'))
  else await checkRowPolicies(reader, tenantSetting)
}

/**
 * What a ClickHouse server's HTTP interface wants, whichever client speaks it.
 */
import type { QueryParameter } from '../../analytics/query/tenant-query.ts'
import {
  CLUSTER_SETTINGS,
  type ClusterSettings,
  NO_CLUSTER_SETTINGS,
  type StatementSettings,
} from './cluster-settings.ts'
import { type BindStatement, MAX_QUERY_BYTES, type StoreConnection } from './store-connection.ts'
import { inlineParameters } from './sql-literals.ts'
import { clusterTopology, SINGLE_SERVER, type TableTopology } from '../schema/table-topology.ts'
import { checkRowPolicies, TENANT_SETTING } from '../access/row-policies.ts'

export interface ServerConnectionOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  /** The cluster that the server is a node of. */
  readonly cluster?: string | undefined
  /** Who the readers are, when it is somebody else than who writes: then behind the wall. */
  readonly reader?: ServerCredentials | undefined
  /** Another name for the wall's setting. */
  readonly tenantSetting?: string
}

export interface ServerCredentials {
  readonly user: string
  readonly password: string
}

/** How long a server may take to answer: longer than any limit inside the statements. */
const REQUEST_TIMEOUT_MS = 30_000
/**
 * A server refuses a parameter over 128 KiB, in the address or in a form (`http_max_field_value_size`), and no request can raise that. In UTF-8 and escaped, so
 * many characters stay below it.
 */
const MAX_BOUND_CHARACTERS = 20_000

export function topologyOf({ cluster, database }: ServerConnectionOptions): TableTopology {
  return cluster === undefined ? SINGLE_SERVER : clusterTopology({ name: cluster, database })
}

export function clusterSettingsOf({ cluster }: ServerConnectionOptions): ClusterSettings {
  return cluster === undefined ? NO_CLUSTER_SETTINGS : CLUSTER_SETTINGS
}

/** The setting that names the tenant; undefined where there is no wall. */
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

// The server binds the values itself. Values that are too long for that become literals, as on the embedded engine; so do values with NUL, at which a form or an address
// may be cut off on the way.
export const bindServerStatement: BindStatement = (sql, parameters = {}) =>
  Object.values(parameters).every(canBindOnServer)
    ? { query: sql, query_params: parameters }
    : { query: inlineParameters(sql, parameters) }

function canBindOnServer(value: QueryParameter): boolean {
  let characters = 0
  for (const item of typeof value === 'object' ? value : [value]) {
    const text = String(item)
    if (text.includes('\0')) return false
    // Each with its quotes and its comma.
    characters += text.length + 3
  }
  return characters <= MAX_BOUND_CHARACTERS
}

/** Rejects with a StoreFailure when the server does not answer, or answers as if there were no wall where there has to be one. */
export async function pingServer(reader: StoreConnection, tenantSetting: string | undefined): Promise<void> {
  if (tenantSetting === undefined) await reader.query('SELECT 1')
  else await checkRowPolicies(reader, tenantSetting)
}

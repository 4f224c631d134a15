/**
 * What a ClickHouse server's HTTP interface wants, whichever client speaks it.
 */
import type { QueryParameter } from '../analytics/query.ts'
import { CLUSTER_SETTINGS, type ClusterSettings, NO_SETTINGS, type Settings } from './cluster-settings.ts'
import { type Bind, MAX_QUERY_BYTES, type StoreConnection } from './connect.ts'
import { inlineParameters } from './literals.ts'
import { clusterTopology, ONE_SERVER, type Topology } from './topology.ts'
import { checkWall, TENANT_SETTING } from './wall.ts'

export interface ServerAccess {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  /** The cluster that the server is a node of. */
  readonly cluster?: string | undefined
  /** Who the readers are, when it is somebody else than who writes: then behind the wall. */
  readonly reader?: Account | undefined
  /** Another name for the wall's setting. */
  readonly tenantSetting?: string
}

export interface Account {
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

export function topologyOf({ cluster, database }: ServerAccess): Topology {
  return cluster === undefined ? ONE_SERVER : clusterTopology({ name: cluster, database })
}

export function settingsOf({ cluster }: ServerAccess): ClusterSettings {
  return cluster === undefined ? NO_SETTINGS : CLUSTER_SETTINGS
}

/** The setting that names the tenant; undefined where there is no wall. */
export function tenantSettingOf({ reader, tenantSetting }: ServerAccess): string | undefined {
  return reader && (tenantSetting ?? TENANT_SETTING)
}

export function clientOptions(
  { url }: ServerAccess,
  { user, password }: Account,
  database: string | undefined,
  inAll: Settings,
) {
  return {
    url,
    username: user,
    password,
    ...(database === undefined ? {} : { database }),
    application: 'outreach-analytics',
    request_timeout: REQUEST_TIMEOUT_MS,
    use_multipart_params_auto: true,
    clickhouse_settings: { max_query_size: String(MAX_QUERY_BYTES), ...inAll },
    log: { level: 127 } as const,
  }
}

// The server binds the values itself. Values that are too long for that become literals, as on the embedded engine; so do values with NUL, at which a form or an address
// may be cut off on the way.
export const bindOnServer: Bind = (sql, parameters = {}) =>
  Object.values(parameters).every(canBeBound)
    ? { query: sql, query_params: parameters }
    : { query: inlineParameters(sql, parameters) }

function canBeBound(value: QueryParameter): boolean {
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
export async function pingServer(readers: StoreConnection, tenantSetting: string | undefined): Promise<void> {
  if (tenantSetting === undefined) await readers.query('SELECT 1')
  else await checkWall(readers, tenantSetting)
}

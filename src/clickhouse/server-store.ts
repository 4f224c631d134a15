/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { createClient } from '@clickhouse/client'
import type { QueryParameter } from '../analytics/query.ts'
import { inlineParameters } from './literals.ts'
import { connectionOf, MAX_QUERY_BYTES, type Store, type Transport } from './connect.ts'
import { ServerInserts } from './server-inserts.ts'
import { CLUSTER_SETTINGS, NO_SETTINGS, type Settings } from './cluster-settings.ts'
import { clusterTopology, ONE_SERVER } from './topology.ts'
import { checkWall, TENANT_SETTING } from './wall.ts'

export interface ServerOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  /** The cluster that the server is a node of. */
  readonly cluster?: string | undefined
  readonly readerCount: number
  /** Who writes: inserts of an earlier process of that name can be fenced off. */
  readonly writer: string
  /** Who the readers are, when it is somebody else than who writes: then behind the wall. */
  readonly reader?: Account | undefined
  /** Another name for the wall's setting. */
  readonly tenantSetting?: string
}

interface Account {
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

// The server binds the values itself, unless they are too long for that: then they are literals, as on the embedded engine.
const bind: Transport['bind'] = (sql, parameters = {}) =>
  Object.values(parameters).every((value) => charactersOf(value) <= MAX_BOUND_CHARACTERS)
    ? { query: sql, query_params: parameters }
    : { query: inlineParameters(sql, parameters) }

function charactersOf(value: QueryParameter): number {
  if (typeof value !== 'object') return String(value).length
  let count = 0
  // Each with its quotes and its comma.
  for (const item of value) count += String(item).length + 3
  return count
}

/** Opens no connection yet: the first statement does. */
export function connectServer(options: ServerOptions): Store {
  const { database, cluster } = options
  const topology = cluster === undefined ? ONE_SERVER : clusterTopology({ name: cluster, database })
  const settings = cluster === undefined ? NO_SETTINGS : CLUSTER_SETTINGS
  const client = (
    inDatabase: string | undefined,
    maxOpenConnections: number,
    inAll: Settings,
    account: Account = options,
  ) =>
    createClient({
      url: options.url,
      username: account.user,
      password: account.password,
      ...(inDatabase === undefined ? {} : { database: inDatabase }),
      application: 'outreach-analytics',
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      use_multipart_params_auto: true,
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      clickhouse_settings: { max_query_size: String(MAX_QUERY_BYTES), ...inAll },
      log: { level: 127 },
    })
  const admin = client(undefined, 1, settings.migrating)
  const maintenance = client(undefined, 1, settings.maintenance)
  const writer = client(database, 2, settings.writing)
  const lookups = client(database, 1, settings.writing)
  const trail = client(database, 1, settings.trail)
  const reader = client(database, options.readerCount, settings.reading, options.reader)
  const inserts = new ServerInserts(writer, options.writer, topology.fence)
  const transport: Transport = { topology, bind, insert: (_, target, block) => inserts.insert(target, block) }
  const readers = connectionOf(reader, transport)
  const tenantSetting = options.reader && (options.tenantSetting ?? TENANT_SETTING)
  return {
    admin: connectionOf(admin, transport),
    maintenance: connectionOf(maintenance, transport),
    writer: connectionOf(writer, transport),
    lookups: connectionOf(lookups, transport),
    trail: connectionOf(trail, transport),
    readers: Array.from({ length: options.readerCount }, () => readers),
    tenantSetting,
    async ping() {
      if (tenantSetting === undefined) await readers.query('SELECT 1')
      else await checkWall(readers, tenantSetting)
    },
    fence: () => inserts.fence(),
    async close() {
      await Promise.all([admin, maintenance, writer, lookups, trail, reader].map((each) => each.close()))
    },
  }
}

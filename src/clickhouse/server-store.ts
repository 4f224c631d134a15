/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { createClient } from '@clickhouse/client'
import type { QueryParameter } from '../analytics/query.ts'
import { inlineParameters } from './literals.ts'
import { type Bind, connectionOf, MAX_QUERY_BYTES, type Store } from './connect.ts'
import { ServerInserts, ServerFences } from './server-inserts.ts'
import { checkWall, TENANT_SETTING } from './wall.ts'

export interface ServerOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly readerCount: number
  /** Who stores events, if no other name is given: inserts of an earlier process of that name can be fenced off. */
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
const bind: Bind = (sql, parameters = {}) =>
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
  const client = (database: string | undefined, maxOpenConnections: number, account: Account = options) =>
    createClient({
      url: options.url,
      username: account.user,
      password: account.password,
      ...(database === undefined ? {} : { database }),
      application: 'outreach-analytics',
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      use_multipart_params_auto: true,
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      clickhouse_settings: { max_query_size: String(MAX_QUERY_BYTES) },
      log: { level: 127 },
    })
  const admin = client(undefined, 1)
  const maintenance = client(undefined, 1)
  const writer = client(options.database, 2)
  const lookups = client(options.database, 1)
  const trail = client(options.database, 1)
  const reader = client(options.database, options.readerCount, options.reader)
  const writerConnection = connectionOf(writer, bind)
  const readers = connectionOf(reader, bind)
  const tenantSetting = options.reader && (options.tenantSetting ?? TENANT_SETTING)
  return {
    admin: connectionOf(admin, bind),
    maintenance: connectionOf(maintenance, bind),
    writer: writerConnection,
    lookups: connectionOf(lookups, bind),
    trail: connectionOf(trail, bind),
    readers: Array.from({ length: options.readerCount }, () => readers),
    tenantSetting,
    async ping() {
      if (tenantSetting === undefined) await readers.query('SELECT 1')
      else await checkWall(readers, tenantSetting)
    },
    openWriter(name = options.writer) {
      const inserts = new ServerInserts(writer, name)
      return {
        ...writerConnection,
        insert: (target, block) => inserts.insert(target, block),
        fence: () => inserts.fence(),
      }
    },
    fences: new ServerFences(writer),
    async close() {
      await Promise.all([admin, maintenance, writer, lookups, trail, reader].map((each) => each.close()))
    },
  }
}

/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { createClient } from '@clickhouse/client'
import { connectionOf, type Store } from './connect.ts'
import { type Account, bindOnServer, clientOptions, pingServer, type ServerAccess } from './server-access.ts'
import { ServerFences, ServerInserts } from './server-inserts.ts'
import { TENANT_SETTING } from './wall.ts'

export interface ServerOptions extends ServerAccess {
  readonly readerCount: number
  /** Who stores events, if no other name is given: inserts of an earlier process of that name can be fenced off. */
  readonly writer: string
}

/** Opens no connection yet: the first statement does. */
export function connectServer(options: ServerOptions): Store {
  const client = (database: string | undefined, maxOpenConnections: number, account: Account = options) =>
    createClient({
      ...clientOptions(options, account, database),
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    })
  const admin = client(undefined, 1)
  const maintenance = client(undefined, 1)
  const writer = client(options.database, 2)
  const lookups = client(options.database, 1)
  const trail = client(options.database, 1)
  const reader = client(options.database, options.readerCount, options.reader)
  const writerConnection = connectionOf(writer, bindOnServer)
  const readers = connectionOf(reader, bindOnServer)
  const tenantSetting = options.reader && (options.tenantSetting ?? TENANT_SETTING)
  return {
    admin: connectionOf(admin, bindOnServer),
    maintenance: connectionOf(maintenance, bindOnServer),
    writer: writerConnection,
    lookups: connectionOf(lookups, bindOnServer),
    trail: connectionOf(trail, bindOnServer),
    readers: Array.from({ length: options.readerCount }, () => readers),
    tenantSetting,
    ping: () => pingServer(readers, tenantSetting),
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

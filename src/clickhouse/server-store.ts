/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { createClient } from '@clickhouse/client'
import { connectionOf, type Store } from './connect.ts'
import type { Settings } from './cluster-settings.ts'
import {
  type Account,
  bindOnServer,
  clientOptions,
  pingServer,
  type ServerAccess,
  settingsOf,
  tenantSettingOf,
  topologyOf,
} from './server-access.ts'
import { ServerFences, ServerInserts } from './server-inserts.ts'

export interface ServerOptions extends ServerAccess {
  readonly readerCount: number
  /** Who stores events, if no other name is given: inserts of an earlier process of that name can be fenced off. */
  readonly writer: string
}

/** Opens no connection yet: the first statement does. */
export function connectServer(options: ServerOptions): Store {
  const { database } = options
  const topology = topologyOf(options)
  const settings = settingsOf(options)
  const client = (
    inDatabase: string | undefined,
    maxOpenConnections: number,
    inAll: Settings,
    account: Account = options,
  ) =>
    createClient({
      ...clientOptions(options, account, inDatabase, inAll),
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    })
  const admin = client(undefined, 1, settings.migrating)
  const maintenance = client(undefined, 1, settings.maintenance)
  const writer = client(database, 2, settings.writing)
  const lookups = client(database, 1, settings.writing)
  const trail = client(database, 1, settings.trail)
  const reader = client(database, options.readerCount, settings.reading, options.reader)
  const writerConnection = connectionOf(writer, bindOnServer, topology)
  const readers = connectionOf(reader, bindOnServer, topology)
  const tenantSetting = tenantSettingOf(options)
  return {
    admin: connectionOf(admin, bindOnServer, topology),
    maintenance: connectionOf(maintenance, bindOnServer, topology),
    writer: writerConnection,
    lookups: connectionOf(lookups, bindOnServer, topology),
    trail: connectionOf(trail, bindOnServer, topology),
    readers: Array.from({ length: options.readerCount }, () => readers),
    tenantSetting,
    ping: () => pingServer(readers, tenantSetting),
    openWriter(name = options.writer) {
      const inserts = new ServerInserts(writer, name, topology.fence)
      return {
        ...writerConnection,
        insert: (target, block) => inserts.insert(target, block),
        fence: () => inserts.fence(),
      }
    },
    fences: new ServerFences(writer, topology.fence),
    async close() {
      await Promise.all([admin, maintenance, writer, lookups, trail, reader].map((each) => each.close()))
    },
  }
}

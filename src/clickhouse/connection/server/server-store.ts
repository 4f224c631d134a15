/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { createClient } from '@clickhouse/client'
import { createStoreConnection, type Store } from '../store-connection.ts'
import type { StatementSettings } from '../cluster-settings.ts'
import {
  type ServerCredentials,
  bindServerStatement,
  clientOptions,
  pingServer,
  type ServerConnectionOptions,
  clusterSettingsOf,
  tenantSettingOf,
  topologyOf,
} from './server-connection.ts'
import { ServerWriterFences, ServerInserts } from './server-inserts.ts'
import { streamFixedWidth } from './server-streams.ts'

export interface ServerStoreOptions extends ServerConnectionOptions {
  readonly readerCount: number
  /** The default writer name. A process with the same name fences the inserts of its predecessor. */
  readonly writer: string
}

/** Connects at the first statement. */
export function connectServerStore(options: ServerStoreOptions): Store {
  const { database } = options
  const topology = topologyOf(options)
  const settings = clusterSettingsOf(options)
  const client = (
    defaultDatabase: string | undefined,
    maxOpenConnections: number,
    statementSettings: StatementSettings,
    credentials: ServerCredentials = options,
  ) =>
    createClient({
      ...clientOptions(options, credentials, defaultDatabase, statementSettings),
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    })
  const admin = client(undefined, 1, settings.migration)
  const maintenance = client(undefined, 1, settings.maintenance)
  const writer = client(database, 2, settings.write)
  const bulkReader = client(database, 1, settings.write)
  const lookups = client(database, 1, settings.write)
  const auditClient = client(database, 1, settings.requestAudit)
  const reader = client(database, options.readerCount, settings.read, options.reader)
  const writerConnection = createStoreConnection(writer, bindServerStatement, topology)
  const readers = createStoreConnection(reader, bindServerStatement, topology)
  const tenantSetting = tenantSettingOf(options)
  return {
    admin: createStoreConnection(admin, bindServerStatement, topology),
    maintenance: createStoreConnection(maintenance, bindServerStatement, topology),
    writer: writerConnection,
    lookups: createStoreConnection(lookups, bindServerStatement, topology),
    auditConnection: createStoreConnection(auditClient, bindServerStatement, topology),
    readers: Array.from({ length: options.readerCount }, () => readers),
    tenantSetting,
    ping: () => pingServer(readers, tenantSetting),
    openWriter(name = options.writer) {
      const inserts = new ServerInserts(writer, name, topology.fence)
      return {
        ...writerConnection,
        insert: (target, block) => inserts.insert(target, block),
        readFixedWidth: (sql, parameters, width) => streamFixedWidth(bulkReader, sql, parameters, width),
        fence: () => inserts.fence(),
      }
    },
    fences: new ServerWriterFences(writer, topology.fence),
    async close() {
      await Promise.all(
        [admin, maintenance, writer, bulkReader, lookups, auditClient, reader].map((openClient) => openClient.close()),
      )
    },
  }
}

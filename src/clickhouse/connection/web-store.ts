/**
 * The reading side of the store over a ClickHouse server, by `fetch` alone: for runtimes without sockets.
 */
import { createClient } from '@clickhouse/client-web'
import { createStoreConnection, type ReadStore } from './store-connection.ts'
import type { StatementSettings } from './cluster-settings.ts'
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

/** Holds nothing open, between two questions neither. */
export function connectWebStore(options: ServerConnectionOptions): ReadStore {
  const settings = clusterSettingsOf(options)
  const connect = (credentials: ServerCredentials, statementSettings: StatementSettings) =>
    createStoreConnection(
      createClient({
        ...clientOptions(
          options,
          { user: toByteString(credentials.user), password: toByteString(credentials.password) },
          options.database,
          statementSettings,
        ),
        // The rows of a dashboard are few.
        compression: { request: false, response: false },
        keep_alive: { enabled: false },
      }),
      bindServerStatement,
      topologyOf(options),
    )
  const lookups = connect(options, settings.write)
  const auditConnection = connect(options, settings.requestAudit)
  const reader = connect(options.reader ?? options, settings.read)
  const tenantSetting = tenantSettingOf(options)
  return {
    lookups,
    auditConnection,
    readers: [reader],
    tenantSetting,
    ping: () => pingServer(reader, tenantSetting),
  }
}

/** The client writes its credentials in base64 by `btoa`, which takes bytes for characters and nothing else. */
function toByteString(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}

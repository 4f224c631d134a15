/**
 * The read connections to a ClickHouse server by `fetch`, for runtimes without sockets.
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
} from './server/server-connection.ts'

/** Keeps no connection open between queries. */
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
        // A dashboard query returns few rows.
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

/** The client encodes its credentials with `btoa`, which accepts only characters up to 0xff: one per byte. */
function toByteString(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}

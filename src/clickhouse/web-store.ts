/**
 * The reading side of the store over a ClickHouse server, by `fetch` alone: for runtimes without sockets.
 */
import { createClient } from '@clickhouse/client-web'
import { connectionOf, type ReadStore } from './connect.ts'
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

/** Holds nothing open, between two questions neither. */
export function connectWeb(options: ServerAccess): ReadStore {
  const settings = settingsOf(options)
  const line = (account: Account, inAll: Settings) =>
    connectionOf(
      createClient({
        ...clientOptions(
          options,
          { user: inBytes(account.user), password: inBytes(account.password) },
          options.database,
          inAll,
        ),
        // The rows of a dashboard are few.
        compression: { request: false, response: false },
        keep_alive: { enabled: false },
      }),
      bindOnServer,
      topologyOf(options),
    )
  const lookups = line(options, settings.writing)
  const trail = line(options, settings.trail)
  const reader = line(options.reader ?? options, settings.reading)
  const tenantSetting = tenantSettingOf(options)
  return {
    lookups,
    trail,
    readers: [reader],
    tenantSetting,
    ping: () => pingServer(reader, tenantSetting),
  }
}

/** The client writes its credentials in base64 by `btoa`, which takes bytes for characters and nothing else. */
function inBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}

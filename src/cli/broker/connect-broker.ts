import { join } from 'node:path'
import type { NatsConnection } from 'nats'
import { CommandFailure, messageOf } from '../../base/errors.ts'
import type { Config } from '../../config.ts'
import { readNatsCredentials } from '../../host/nats-credentials.ts'
import { connectNats, type NatsOptions } from '../../nats/connection.ts'
import { readServerAddress } from '../../nats/server/server-files.ts'

/**
 * Connects a command to the configured broker, else to the local server that a running service has started. `command` is part of the connection's name. Rejects with a
 * ConfigError as `readNatsCredentials` does, and with a CommandFailure when no broker responds.
 */
export async function connectBroker(config: Config, command: string): Promise<NatsConnection> {
  const broker = config.natsServers
    ? { servers: config.natsServers, ...readNatsCredentials(config) }
    : readLocalServerOptions(config.dataDir)
  try {
    return await connectNats({ ...broker, name: `outreach-analytics:${command}` })
  } catch (error) {
    throw new CommandFailure(
      config.natsServers
        ? `The broker of NATS_URL cannot be reached (${messageOf(error)}).`
        : `The local broker does not respond (${messageOf(error)}). Run "npm start" first, or set NATS_URL.`,
    )
  }
}

/** Address and credentials of the local server of a data directory. Throws a CommandFailure when there is none. */
function readLocalServerOptions(dataDir: string): Omit<NatsOptions, 'name'> {
  const directory = join(dataDir, 'nats')
  const { url, user, password } = readServerAddress(directory) ?? {}
  if (url === undefined)
    throw new CommandFailure(
      `There is no local broker yet (no address in ${directory}). Run "npm start" first, or set NATS_URL.`,
    )
  return { servers: [url], user, password }
}

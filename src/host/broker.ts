/**
 * The broker as the commands find it: the configured one, or the local server that a running service has started.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NatsConnection } from 'nats'
import type { Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import { connectNats, type NatsCredentials } from '../nats/connection.ts'

/** A reason not to go on that is told to the person at the terminal as it is. */
export class Hint extends Error {}

/** What the configuration says of credentials. Throws a Hint when their file cannot be read. */
export function readCredentials(config: Config): NatsCredentials {
  return {
    creds: config.natsCredsFile === undefined ? undefined : readCredsFile(config.natsCredsFile),
    user: config.natsUser,
    password: config.natsPassword,
    token: config.natsToken,
  }
}

/** Connects a command. Throws a Hint that says what to do when there is no broker. */
export async function connectBroker(config: Config, name: string): Promise<NatsConnection> {
  const credentials = readCredentials(config)
  const servers = config.natsServers ?? [readLocalAddress(config.dataDir)]
  try {
    return await connectNats({ servers, name, ...credentials })
  } catch (error) {
    if (config.natsServers) throw new Hint(`No connection to the broker that NATS_URL names (${messageOf(error)}).`)
    throw new Hint(`The local broker does not answer (${messageOf(error)}). Run "npm start" first, or set NATS_URL.`)
  }
}

function readCredsFile(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Hint(`NATS_CREDS_FILE cannot be read: ${messageOf(error)}`)
  }
}

function readLocalAddress(dataDir: string): string {
  const file = join(dataDir, 'nats', 'address.json')
  try {
    const address: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof address === 'object' && address && 'url' in address && typeof address.url === 'string')
      return address.url
  } catch {
    // Missing or half-written: the same advice helps.
  }
  throw new Hint(`There is no local broker yet (looked at ${file}). Run "npm start" first, or set NATS_URL.`)
}

/**
 * The broker as the commands find it: the configured one, or the local server that a running service has started.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { credsAuthenticator, type NatsConnection } from 'nats'
import { type Config, ConfigError } from '../config.ts'
import { messageOf } from '../base/errors.ts'
import { connectNats, type NatsCredentials, type NatsOptions } from '../nats/connection.ts'
import { readServerAddress } from '../nats/server/server-files.ts'

/** A reason not to go on that is told to the person at the terminal as it is. */
export class CommandFailure extends Error {}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs

/** What the configuration says of credentials and certificates. Throws ConfigError: one for each file that cannot be read or is not what its variable asks for. */
export function readNatsCredentials(config: Config): NatsCredentials {
  const problems: string[] = []
  const readAndParse = <Content>(
    name: string,
    file: string | undefined,
    expectedContent: string,
    parse: (bytes: Buffer) => Content,
  ) => {
    if (file === undefined) return undefined
    let bytes: Buffer
    try {
      bytes = readFileSync(file)
    } catch (error) {
      problems.push(`${name} cannot be read: ${messageOf(error)}`)
      return undefined
    }
    try {
      return parse(bytes)
    } catch {
      problems.push(`${name} has to be a file with ${expectedContent}.`)
      return undefined
    }
  }
  const creds = readAndParse(
    'NATS_CREDS_FILE',
    config.natsCredsFile,
    'the JWT of a user and the seed of its key',
    (bytes) => {
      // It reads them when it is asked to sign.
      credsAuthenticator(bytes)('a nonce')
      return bytes
    },
  )
  const authorities = readAndParse('NATS_CA_FILE', config.natsCaFile, 'certificates as PEM', parseCertificates)
  const chain = readAndParse('NATS_CERT_FILE', config.natsCertFile, 'certificates as PEM', parseCertificates)
  const key = readAndParse(
    'NATS_KEY_FILE',
    config.natsKeyFile,
    'a private key as PEM, without a passphrase',
    (bytes) => ({
      pem: bytes.toString(),
      object: createPrivateKey(bytes),
    }),
  )
  if (chain && key && !chain[0]!.checkPrivateKey(key.object))
    problems.push('NATS_KEY_FILE is not the key of the certificate in NATS_CERT_FILE.')
  if (problems.length > 0) throw new ConfigError(problems)
  const tls = {
    ...(authorities ? { authorities: toPem(authorities) } : {}),
    ...(chain && key ? { certificate: toPem(chain), key: key.pem } : {}),
  }
  return {
    creds,
    user: config.natsUser,
    password: config.natsPassword,
    token: config.natsToken,
    tls: (authorities ?? chain) ? tls : undefined,
  }
}

/** Each certificate of a PEM file. Throws when there is none, or when one is none. */
function parseCertificates(bytes: Buffer): X509Certificate[] {
  const certificates = (bytes.toString().match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
  if (certificates.length === 0) throw new Error('no certificate')
  return certificates
}

/** As PEM, one after the other. */
const toPem = (certificates: readonly X509Certificate[]) => certificates.map(String).join('')

/** Connects a command. Throws ConfigError as `readNatsCredentials` does, and a Hint that says what to do when there is no broker. */
export async function connectBroker(config: Config, name: string): Promise<NatsConnection> {
  const broker = config.natsServers
    ? { servers: config.natsServers, ...readNatsCredentials(config) }
    : readLocalServerOptions(config.dataDir)
  try {
    return await connectNats({ ...broker, name })
  } catch (error) {
    if (config.natsServers)
      throw new CommandFailure(`No connection to the broker that NATS_URL names (${messageOf(error)}).`)
    throw new CommandFailure(
      `The local broker does not answer (${messageOf(error)}). Run "npm start" first, or set NATS_URL.`,
    )
  }
}

/** Where the local server of a data directory is, and how to get in. Throws a Hint when there is none. */
function readLocalServerOptions(dataDir: string): Omit<NatsOptions, 'name'> {
  const directory = join(dataDir, 'nats')
  const { url, user, password } = readServerAddress(directory) ?? {}
  if (url === undefined)
    throw new CommandFailure(
      `There is no local broker yet (looked into ${directory}). Run "npm start" first, or set NATS_URL.`,
    )
  return { servers: [url], user, password }
}

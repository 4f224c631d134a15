import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { credsAuthenticator } from 'nats'
import { messageOf } from '../base/errors.ts'
import { type Config, ConfigError } from '../config.ts'
import type { NatsCredentials } from '../nats/connection.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs

/** Reads the credentials and certificates that the configuration names. Throws a ConfigError with every file that cannot be read or has other contents than its variable requires. */
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
      problems.push(`${name} must be a file with ${expectedContent}.`)
      return undefined
    }
  }
  const creds = readAndParse(
    'NATS_CREDS_FILE',
    config.natsCredsFile,
    'the JWT of a user and the seed of its key',
    (bytes) => {
      // The authenticator parses the file only when it signs.
      credsAuthenticator(bytes)('a nonce')
      return bytes
    },
  )
  const authorities = readAndParse('NATS_CA_FILE', config.natsCaFile, 'certificates in PEM form', parseCertificates)
  const chain = readAndParse('NATS_CERT_FILE', config.natsCertFile, 'certificates in PEM form', parseCertificates)
  const key = readAndParse(
    'NATS_KEY_FILE',
    config.natsKeyFile,
    'a private key in PEM form, without a passphrase',
    (bytes) => ({ pem: bytes.toString(), object: createPrivateKey(bytes) }),
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

/** Every certificate of a PEM file. Throws when there is none, or when one of them is invalid. */
function parseCertificates(bytes: Buffer): X509Certificate[] {
  const certificates = (bytes.toString().match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
  if (certificates.length === 0) throw new Error('no certificate')
  return certificates
}

const toPem = (certificates: readonly X509Certificate[]) => certificates.map(String).join('')

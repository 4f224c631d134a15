/** Authentication of the service at a broker that requires it, and the errors of a failed authentication. */
import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, credsAuthenticator } from 'nats'
import { parseConfig } from '../../../src/config.ts'
import { readNatsCredentials } from '../../../src/host/nats-credentials.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { Certificates } from '../../support/http/certificates.ts'
import { makeOperator } from '../../support/broker/nats-accounts.ts'
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../support/broker/nats-server.ts'
import { freePort } from '../../support/process/ports.ts'
import { forget, spawnService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 30_000
const TEST_MS = 60_000

const dir = mkdtempSync(join(tmpdir(), 'outreach-access-'))
const servers: NatsServer[] = []
const certificates = new Certificates()
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  certificates.forget()
  rmSync(dir, { recursive: true, force: true })
})

async function startServer(options: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options)
  servers.push(server)
  return server
}

function fileOf(name: string, content: string): string {
  const file = join(dir, name)
  writeFileSync(file, content)
  return file
}

/** Publishes an event as a producer does and waits until a dashboard counts it. */
async function countsAnEvent(
  server: NatsServer,
  access: ConnectionOptions,
  env: Record<string, string>,
): Promise<void> {
  const service = await startService({ natsUrl: server.url, env })
  try {
    const producer = await connect({ servers: server.url, ...access })
    const event = { tenantId: 'tenant-1', timestamp: Date.now(), data: { messageId: 'm-1', channel: 'email' } }
    await producer.jetstream().publish('pipeline.message.sent', JSON.stringify(event))
    await producer.close()
    await until(
      async () => (await service.get('/api/v1/analytics/overview')).text.includes('"totalMessagesSent":1'),
      WAIT_MS,
      'the event on a dashboard',
    )
  } finally {
    await service.stop()
    forget(service)
  }
}

/** Starts the service, waits until it logs `reason`, and checks that it is live but not ready. */
async function isRefused(natsUrl: string, env: Record<string, string>, reason: string): Promise<void> {
  const [port, name] = [await freePort(), crypto.randomUUID()]
  const logFile = join(dir, `${name}.log`)
  const service = await spawnService(
    { natsUrl, env },
    { dataDir: join(dir, name), port, logFile, secret: 's'.repeat(32) },
  )
  try {
    await until(() => readFileSync(logFile, 'utf8').includes(reason), WAIT_MS, `the log to say ${reason}`)
    const log = readFileSync(logFile, 'utf8')
    expect(log).toContain('the broker is not ready yet')
    const url = `http://127.0.0.1:${port}/health`
    expect((await fetch(`${url}/live`)).status).toBe(200)
    expect((await fetch(`${url}/ready`)).status).toBe(503)
  } finally {
    await service.end('SIGKILL')
  }
}

/** Expects an attempt to fail with a reason. */
async function fails(attempt: Promise<unknown>, reason: string): Promise<void> {
  expect(await attempt.then(() => 'nothing', String)).toContain(reason)
}

/** Connects with the settings of this environment. */
async function connectWith(natsUrl: string, env: Record<string, string>) {
  const credentials = readNatsCredentials(parseConfig({ NATS_URL: natsUrl, ...env }))
  return connectNats({ servers: natsUrl.split(','), name: 'test', ...credentials })
}

describe('a credentials file', () => {
  const [operator, stranger] = [makeOperator(), makeOperator()]
  const creds = operator.makeCreds()
  const access = { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }

  test(
    'gives access to a server of the operator that issued it, and to no other',
    async () => {
      const server = await startServer({ config: operator.config, access })
      await countsAnEvent(server, access, { NATS_CREDS_FILE: fileOf('user.creds', creds) })
      const foreign = { NATS_CREDS_FILE: fileOf('stranger.creds', stranger.makeCreds()) }
      await fails(connectWith(server.url, foreign), 'Authorization Violation')
    },
    TEST_MS,
  )
})

describe('a user with a password, and a token', () => {
  test.each([
    [
      'authorization { user: ada, password: secret }',
      { user: 'ada', pass: 'secret' },
      { NATS_USER: 'ada', NATS_PASSWORD: 'secret' },
      { NATS_USER: 'ada', NATS_PASSWORD: 'wrong' },
    ],
    ['authorization { token: secret }', { token: 'secret' }, { NATS_TOKEN: 'secret' }, { NATS_TOKEN: 'wrong' }],
  ])(
    '%s: the right one is accepted, a wrong one and none are refused',
    async (config, access, right, wrong) => {
      const server = await startServer({ config, access })
      const connection = await connectWith(server.url, right)
      expect(connection.info?.jetstream).toBe(true)
      await connection.close()
      await fails(connectWith(server.url, wrong), 'Authorization Violation')
      await fails(connectWith(server.url, {}), 'Authorization Violation')
    },
    TEST_MS,
  )
})

describe('TLS with a private authority', () => {
  const [authority, other] = [certificates.makeAuthority('authority'), certificates.makeAuthority('other')]
  const here = 'DNS:localhost,IP:127.0.0.1'
  const own = certificates.sign(authority, 'server', here)
  const foreign = certificates.sign(other, 'foreign', here)
  const misnamed = certificates.sign(authority, 'misnamed', 'DNS:elsewhere.example')
  const client = certificates.sign(authority, 'client', 'DNS:client')
  const ours = { NATS_CA_FILE: authority.certFile }
  const mutual = { ...ours, NATS_CERT_FILE: client.certFile, NATS_KEY_FILE: client.keyFile }
  const access = { tls: { caFile: authority.certFile, certFile: client.certFile, keyFile: client.keyFile } }
  const tlsOf = ({ certFile, keyFile }: typeof own, more = '') =>
    `tls { cert_file: "${certFile}", key_file: "${keyFile}", ${more} }`
  const asking = `ca_file: "${authority.certFile}", verify: true`

  test(
    'the service connects to a server with a certificate of the authority, and presents its own when required',
    async () => {
      const server = await startServer({ config: tlsOf(own, asking), access })
      await countsAnEvent(server, access, mutual)
    },
    TEST_MS,
  )

  test(
    'the log gives the reason when the certificate is of another authority or for another name, when a client certificate is missing, and when the server has no TLS',
    async () => {
      const anyName = { ...access.tls, rejectUnauthorized: false }
      const [foreignServer, elsewhere, strict, open] = await Promise.all([
        startServer({ config: tlsOf(foreign), access: { tls: { caFile: other.certFile } } }),
        startServer({ config: tlsOf(misnamed), access: { tls: anyName } }),
        startServer({ config: tlsOf(own, asking), access }),
        startServer({}),
      ])
      await Promise.all([
        isRefused(foreignServer.url, ours, 'unable to verify the first certificate'),
        fails(connectWith(elsewhere.url, ours), "does not match certificate's altnames"),
        fails(connectWith(strict.url, ours), 'A server that requires a client certificate does not respond'),
        fails(connectWith(open.url, ours), 'The server does not offer TLS'),
        fails(connectWith(open.url.replace('nats:', 'tls:'), {}), 'The server does not offer TLS'),
      ])
      await (await connectWith(open.url, {})).close()
    },
    TEST_MS,
  )

  test(
    'one file may contain several authorities, as during a change',
    async () => {
      const server = await startServer({ config: tlsOf(own), access })
      const both = readFileSync(other.certFile, 'utf8') + readFileSync(authority.certFile, 'utf8')
      await (await connectWith(server.url, { NATS_CA_FILE: fileOf('both.pem', both) })).close()
    },
    TEST_MS,
  )

  test('every file with the wrong content is named, with the content that its variable requires', () => {
    const text = fileOf('text', 'neither a certificate nor a key')
    const problemsOf = (env: Record<string, string>) => {
      try {
        readNatsCredentials(parseConfig(env))
        return []
      } catch (error) {
        return (error as { problems?: readonly string[] }).problems
      }
    }
    const files = { NATS_CREDS_FILE: text, NATS_CA_FILE: text, NATS_CERT_FILE: text, NATS_KEY_FILE: text }
    expect(problemsOf(files)).toEqual([
      'NATS_CREDS_FILE must be a file with the JWT of a user and the seed of its key.',
      'NATS_CA_FILE must be a file with certificates in PEM form.',
      'NATS_CERT_FILE must be a file with certificates in PEM form.',
      'NATS_KEY_FILE must be a file with a private key in PEM form, without a passphrase.',
    ])
    expect(problemsOf({ NATS_CA_FILE: join(dir, 'nowhere') })).toEqual([
      expect.stringContaining('NATS_CA_FILE cannot be read'),
    ])
    expect(problemsOf({ NATS_CERT_FILE: client.certFile, NATS_KEY_FILE: own.keyFile })).toEqual([
      'NATS_KEY_FILE is not the key of the certificate in NATS_CERT_FILE.',
    ])
    expect(problemsOf({ NATS_KEY_FILE: client.keyFile })).toEqual([
      'NATS_CERT_FILE and NATS_KEY_FILE must be set together or not at all.',
    ])
    expect(problemsOf(mutual)).toEqual([])
  })
})

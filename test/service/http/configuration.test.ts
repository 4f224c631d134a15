import { afterAll, describe, expect, test } from 'bun:test'
import ipaddr from 'ipaddr.js'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, parseConfig } from '../../../src/config.ts'
import { freePort } from '../../support/process/ports.ts'
import { spawnService } from '../../support/process/service.ts'

const SECRET = 'a secret of 32 bytes, no less... '

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  test('has the documented defaults', () => {
    expect(parseConfig({})).toMatchObject({
      port: 3000,
      host: '0.0.0.0',
      dataDir: './.data',
      natsServers: undefined,
      natsStream: undefined,
      natsConsumer: 'analytics',
      clickhouseUrl: undefined,
      clickhouseUser: 'default',
      clickhousePassword: '',
      clickhouseDatabase: 'analytics',
      jwtSecret: undefined,
      bufferSize: 100,
      flushIntervalMs: 500,
      liveClientsPerTenant: 100,
      liveClients: 2_000,
      logLevel: 'info',
      logFormat: undefined,
    })
  })

  test('treats an empty variable as unset', () => {
    const names = [
      'PORT',
      'HOST',
      'PUBLIC_URL',
      'DATA_DIR',
      'NATS_URL',
      'NATS_STREAM',
      'NATS_CONSUMER',
      'CLICKHOUSE_URL',
      'JWT_SECRET',
    ]
    const more = [
      'JWT_JWKS_URL',
      'JWT_PUBLIC_KEY',
      'BUFFER_SIZE',
      'FLUSH_INTERVAL_MS',
      'LOG_LEVEL',
      'CLICKHOUSE_DATABASE',
    ]
    expect(parseConfig(Object.fromEntries([...names, ...more].map((name) => [name, ''])))).toEqual(parseConfig({}))
  })

  test('reads each variable', () => {
    const config = parseConfig({
      PORT: '8080',
      HOST: '::1',
      PUBLIC_URL: 'https://stats.example/analytics/',
      DATA_DIR: '/var/lib/analytics',
      NATS_URL: 'nats://a:4222, tls://b:4223,c',
      NATS_STREAM: 'EVENTS_2',
      NATS_CONSUMER: 'analytics-2',
      CLICKHOUSE_URL: 'https://store:8443',
      CLICKHOUSE_USER: 'writer',
      CLICKHOUSE_PASSWORD: ' kept as it is ',
      CLICKHOUSE_DATABASE: 'other',
      JWT_SECRET: SECRET,
      JWT_JWKS_URL: 'https://id.example/keys',
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'analytics',
      BUFFER_SIZE: '1',
      FLUSH_INTERVAL_MS: '60000',
      CORS_ORIGINS: 'https://app.example, http://localhost:5173',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'text',
    })
    expect(config).toMatchObject({
      port: 8080,
      publicUrl: 'https://stats.example/analytics',
      natsServers: ['nats://a:4222', 'tls://b:4223', 'c'],
      clickhousePassword: ' kept as it is ',
      jwtSecret: SECRET,
      bufferSize: 1,
      flushIntervalMs: 60_000,
      corsOrigins: ['https://app.example', 'http://localhost:5173'],
      trustedProxies: [
        { address: new ipaddr.IPv4([10, 0, 0, 0]), prefixLength: 8 },
        { address: new ipaddr.IPv6([0, 0, 0, 0, 0, 0, 0, 1]), prefixLength: 128 },
      ],
      logLevel: 'debug',
      logFormat: 'text',
    })
  })

  const wrong: readonly (readonly [name: string, values: readonly string[]])[] = [
    ['PORT', ['http', '65536', '-1', '3000.5', '1e3', '0x10', '3000 4000']],
    [
      'PUBLIC_URL',
      [
        'stats.example',
        '/analytics',
        'ftp://stats.example',
        'https://u:p@stats.example',
        'https://stats.example/?a=b',
        'https://stats.example/#a',
      ],
    ],
    ['BUFFER_SIZE', ['0', '-1', 'many', '100001', '1_000']],
    ['FLUSH_INTERVAL_MS', ['0', '9', '60001', 'soon', '500ms', 'Infinity', 'NaN']],
    ['LOG_LEVEL', ['loud', 'INFO', 'trace']],
    ['LOG_FORMAT', ['pretty', 'JSON']],
    ['NATS_URL', ['http://a:4222', 'nats://a:4222,ftp://b', '://']],
    ['NATS_STREAM', ['a.b', 'a b', '*', '>', 'x'.repeat(65)]],
    ['NATS_CONSUMER', ['a.b', 'a/b', '$']],
    ['CLICKHOUSE_URL', ['store:8123', 'tcp://store:9000', 'store']],
    ['CLICKHOUSE_DATABASE', ['1st', 'a-b', 'a.b', "a'; DROP DATABASE b; --", 'x'.repeat(65)]],
    ['JWT_SECRET', ['short', 'x'.repeat(31), 'ü'.repeat(15)]],
    ['JWT_JWKS_URL', ['id.example/keys', 'file:///keys', 'javascript:1']],
    [
      'CORS_ORIGINS',
      ['*', 'null', 'https://dash.test/', 'https://*.test', 'dash.test', 'ftp://a.test', 'https://DASH.test'],
    ],
    ['TRUSTED_PROXIES', ['*', 'proxy.example', '10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/8;::/0', 'private']],
    ['TENANT_REQUESTS_PER_SECOND', ['-1', 'many', '1e3', '1000001']],
    ['TENANT_CONCURRENT_REQUESTS', ['-1', '0.5', '10001']],
    ['AUTH_FAILURES_PER_MINUTE', ['-1', 'few']],
    ['HSTS_SECONDS', ['-1', '1y', 'max-age=1']],
    ['JWT_PUBLIC_KEY', ['ssh-rsa AAAA', '-----BEGIN PRIVATE KEY-----\nx']],
  ]
  test.each(wrong)(
    'rejects invalid values of %s with a sentence that names the variable and not the value',
    (name, values) => {
      for (const value of values) {
        const others = name === 'CLICKHOUSE_URL' ? { JWT_SECRET: SECRET } : {}
        const problems = problemsOf({ ...others, [name]: value })
        expect([value, problems.length]).toEqual([value, 1])
        expect(problems[0]).toStartWith(`${name} `)
        if (value.length > 4) expect(problems[0]).not.toContain(value)
      }
    },
  )

  test('requires a way to verify tokens with a ClickHouse server', () => {
    const CLICKHOUSE_URL = 'http://store:8123'
    expect(problemsOf({ CLICKHOUSE_URL }).join()).toContain('JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL')
    expect(problemsOf({ CLICKHOUSE_URL, JWT_SECRET: SECRET })).toEqual([])
    expect(problemsOf({ CLICKHOUSE_URL, JWT_JWKS_URL: 'https://id.example/keys' })).toEqual([])
  })

  test('accepts the name of a cluster together with the address of one of its nodes', () => {
    const server = { CLICKHOUSE_URL: 'http://store:8123', JWT_SECRET: SECRET }
    expect(parseConfig({ ...server, CLICKHOUSE_CLUSTER: 'main' }).clickhouseCluster).toBe('main')
    expect(parseConfig(server).clickhouseCluster).toBeUndefined()
    expect(problemsOf({ CLICKHOUSE_CLUSTER: 'main' })).toEqual([expect.stringContaining('CLICKHOUSE_URL')])
    for (const name of ['1st', 'a-b', "a'; DROP DATABASE b; --", 'x'.repeat(65)])
      expect(problemsOf({ ...server, CLICKHOUSE_CLUSTER: name })).toEqual([
        expect.stringMatching(/^CLICKHOUSE_CLUSTER /),
      ])
  })

  test('reports every problem at once', () => {
    const environment = { PORT: 'x', BUFFER_SIZE: 'x', LOG_LEVEL: 'x', NATS_STREAM: 'a b', CLICKHOUSE_URL: 'x' }
    const named = problemsOf(environment).map((problem) => problem.split(/[ ,]/)[0])
    expect(new Set(named)).toEqual(new Set([...Object.keys(environment), 'JWT_SECRET']))
  })
})

describe('a process with several mistakes', () => {
  const root = mkdtempSync(join(tmpdir(), 'outreach-configuration-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('reports all of them, exits with 2, and opens no directory, port or connection', async () => {
    let connections = 0
    const open = { data: () => {}, open: () => void connections++ }
    const broker = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: open })
    const [port, logFile, dataDir] = [await freePort(), join(root, 'log'), join(root, 'data')]
    const env = { BUFFER_SIZE: 'x', FLUSH_INTERVAL_MS: 'x', JWT_SECRET: 'a short canary', NATS_CONSUMER: 'a.b' }
    const child = await spawnService({ natsUrl: `nats://127.0.0.1:${broker.port}`, env }, { dataDir, port, logFile })
    const exit = await child.exited
    broker.stop(true)
    const log = readFileSync(logFile, 'utf8')
    expect(exit).toEqual({ code: 2, signal: null })
    expect(Object.keys(env).filter((name) => !log.includes(name))).toEqual([])
    expect(log).not.toContain('a short canary')
    expect([existsSync(dataDir), connections]).toEqual([false, 0])
  }, 30_000)

  test('checks the contents of files and keys before it opens anything', async () => {
    const [port, logFile, dataDir] = [await freePort(), join(root, 'log-2'), join(root, 'data-2')]
    const JWT_PUBLIC_KEY = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'
    const env = {
      JWT_PUBLIC_KEY,
      NATS_CREDS_FILE: join(root, 'nowhere.creds'),
      NATS_CA_FILE: join(root, 'nowhere.pem'),
    }
    const child = await spawnService({ natsUrl: 'nats://127.0.0.1:1', env }, { dataDir, port, logFile })
    const exit = await child.exited
    const log = readFileSync(logFile, 'utf8')
    expect(exit).toEqual({ code: 2, signal: null })
    expect(Object.keys(env).filter((name) => !log.includes(name))).toEqual([])
    expect(existsSync(dataDir)).toBe(false)
  }, 30_000)
})

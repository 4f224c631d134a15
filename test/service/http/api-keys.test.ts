import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createApiKeyStore } from '../../../src/clickhouse/access/api-key-store.ts'
import { connectServerStore } from '../../../src/clickhouse/connection/server/server-store.ts'
import { hashSecret, createApiKey } from '../../../src/http/auth/api-key.ts'
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { runCli } from '../../support/process/cli.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { type RunningService, forget, startService } from '../../support/process/service.ts'
import { token } from '../../support/http/tokens.ts'
import { until } from '../../support/process/until.ts'
import { SCOPES } from '../../../src/http/auth/scopes.ts'

/** The dashboard that is read fastest. */
const TRAFFIC = '/api/v1/analytics/traffic'
const CORRELATION_ID = 'the-same-for-all'
const REFUSAL = JSON.stringify({
  success: false,
  error: { code: 'UNAUTHORIZED', message: 'A valid bearer token or API key is required.' },
  meta: { correlationId: CORRELATION_ID },
})

interface Key {
  readonly id: string
  readonly key: string
}

/** The output of `npm run keys`: one object per line, and a sentence for people. */
function linesOf(output: string): Record<string, unknown>[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const PLACES = [
  ['embedded engine', () => Promise.resolve(undefined)],
  ['ClickHouse server', startClickHouseFront],
] as const

describe.each(PLACES)('API keys of a running service on the %s', (_, startFront) => {
  let nats: NatsServer
  let front: Awaited<ReturnType<typeof startClickHouseFront>> | undefined
  let service: RunningService
  let store: Record<string, string>
  const made: Key[] = []
  beforeAll(async () => {
    nats = await startNatsServer()
    front = await startFront()
    store = front === undefined ? {} : { CLICKHOUSE_URL: front.url }
    service = await startService({ natsUrl: nats.url, env: { ...store, LOG_LEVEL: 'debug' } })
  }, 60_000)
  afterAll(async () => {
    await service?.kill9()
    await nats?.stop()
    await front?.stop()
    if (service) forget(service)
  }, 30_000)

  const keys = (...args: string[]) =>
    runCli('keys', args, { DATA_DIR: service.dataDir, JWT_SECRET: service.secret, ...store })
  const create = async (...args: string[]): Promise<Key> => {
    const { code, output } = await keys('create', '--scope', 'analytics:read', ...args)
    const [line] = linesOf(output)
    if (code !== 0 || !line) throw new Error(`keys create ends with ${code}: ${output}`)
    made.push(line as unknown as Key)
    return line as unknown as Key
  }
  const ask = async (headers: Record<string, string>) => {
    const answer = await service.get(TRAFFIC, {
      authorization: '',
      headers: { 'x-correlation-id': CORRELATION_ID, ...headers },
    })
    return answer
  }
  const statusOf = async (headers: Record<string, string>) => (await ask(headers)).status
  const bearer = (claims = {}) => `Bearer ${token(service.secret, { tenantId: 'tenant-1', ...claims })}`

  test('are accepted as soon as they are created, as x-api-key and as a bearer token', async () => {
    const { key } = await create('--tenant', 'tenant-1')
    expect(key).toMatch(/^oak_[0-9a-f]{16}_[0-9a-f]{64}$/)
    for (const headers of [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}` },
      { authorization: `Bearer   ${key}` },
      { authorization: `Bearer ${key}`, 'x-api-key': key },
    ])
      expect(await statusOf(headers)).toBe(200)
  }, 30_000)

  test('belong to one tenant, whatever x-tenant-id says', async () => {
    const [a, b] = [await create('--tenant', 'tenant-a'), await create('--tenant', 'tenant-b')]
    const etagOf = async (headers: Record<string, string>) => (await ask(headers)).headers.get('etag')
    expect(await etagOf({ 'x-api-key': a.key })).toStartWith('W/"tenant-a/')
    expect(await etagOf({ 'x-api-key': b.key })).toStartWith('W/"tenant-b/')
    expect(await etagOf({ 'x-api-key': a.key, 'x-tenant-id': 'tenant-b' })).toStartWith('W/"tenant-a/')
    // On a server the cached state of the data expires after a second, possibly between two requests: then both are repeated.
    const isUnchanged = async ({ key }: Key) => {
      const etag = (await etagOf({ 'x-api-key': key }))!
      return (await statusOf({ 'x-api-key': key, 'if-none-match': etag })) === 304
    }
    for (const one of [a, b, a]) await until(() => isUnchanged(one), 20_000, 'an answer of 304')
    // Neither tenant gets a 304 for the ETag of the other.
    const ofA = (await etagOf({ 'x-api-key': a.key }))!
    expect(await statusOf({ 'x-api-key': b.key, 'if-none-match': ofA })).toBe(200)
    expect(await statusOf({ 'if-none-match': ofA })).toBe(401)
  }, 30_000)

  test('are listed by tenant without their secret, and refused within seconds of their revocation, also for 304', async () => {
    const { id, key } = await create('--tenant', 'tenant-revoked', '--expires', '90d')
    const etag = (await ask({ 'x-api-key': key })).headers.get('etag')!
    const listed = await keys('list', '--tenant', 'tenant-revoked')
    expect(linesOf(listed.output)).toEqual([
      {
        id,
        tenantId: 'tenant-revoked',
        scopes: ['analytics:read'],
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
        revokedAt: null,
      },
    ])
    expect(listed.output).not.toContain(key.split('_')[2]!)
    expect(await keys('revoke', id)).toMatchObject({ code: 0, output: expect.stringContaining(id) })
    await until(async () => (await ask({ 'x-api-key': key })).text === REFUSAL, 10_000, 'the key to be refused')
    await until(async () => (await statusOf({ 'x-api-key': key, 'if-none-match': etag })) === 401, 10_000, 'no 304')
    expect(linesOf((await keys('list', '--tenant', 'tenant-revoked')).output)[0]?.['revokedAt']).toBeString()
  }, 60_000)

  if (startFront === startClickHouseFront) {
    test('that are not cached get 503, never 401, while the store is down; tokens are still checked', async () => {
      const { key } = await create('--tenant', 'tenant-1')
      await front?.fault({ drop: true, times: 0 })
      const { status, body, headers } = await ask({ 'x-api-key': key })
      expect([status, body?.error?.code, headers.get('retry-after')]).toEqual([503, 'UNAVAILABLE', '2'])
      expect(await statusOf({ 'x-api-key': 'oak_' })).toBe(401)
      expect(await statusOf({ authorization: `${bearer()}x` })).toBe(401)
      await front?.clearFaults()
      await until(async () => (await statusOf({ 'x-api-key': key })) === 200, 20_000, 'the key to be known again')
    }, 60_000)

    test('that have expired get the same refusal, byte for byte', async () => {
      const options = { url: front!.url, user: 'default', password: '', database: 'analytics', readerCount: 1 }
      const elsewhere = connectServerStore({ ...options, writer: 'test' })
      const attempt = async (expiresAt: number) => {
        const { id, secret, text } = createApiKey()
        const kept = { id, tenantId: 'tenant-1', scopes: ['analytics:read'], createdAt: 0, expiresAt }
        await createApiKeyStore(elsewhere).add({ ...kept, secretHash: await hashSecret(secret) })
        made.push({ id, key: text })
        return ask({ 'x-api-key': text })
      }
      expect((await attempt(Date.now() + 600_000)).status).toBe(200)
      const { status, text } = await attempt(Date.now())
      expect([status, text]).toEqual([401, REFUSAL])
      await elsewhere.close()
    })
  } else {
    // The next three do not depend on the store.
    test('allow their scopes only, and admin includes reading', async () => {
      const scoped = async (scope: string) => {
        const { output } = await keys('create', '--tenant', 'tenant-1', '--scope', scope)
        const [line] = linesOf(output) as unknown as [Key]
        made.push(line)
        const { status, body } = await ask({ 'x-api-key': line.key })
        return body?.error?.code ?? status
      }
      expect(await scoped('analytics:export')).toBe('FORBIDDEN')
      expect(await scoped('analytics:admin')).toBe(200)
      expect(await scoped('analytics:export,analytics:read')).toBe(200)
    }, 30_000)

    test('that are wrong, unknown, malformed or sent with another credential get the same refusal, byte for byte', async () => {
      const { id, key } = await create('--tenant', 'tenant-1')
      const stranger = await create('--tenant', 'tenant-2')
      const swapped = `oak_${id}_${stranger.key.split('_')[2]}`
      const bad = [
        swapped,
        `oak_${'0'.repeat(16)}_${key.split('_')[2]}`,
        'oak_',
        id,
        key.slice(0, -1),
        `${key}0`,
        key.toUpperCase(),
        `${key}, ${key}`,
        `oak_${id}_`,
        "oak_' OR 1=1 --",
        'x'.repeat(9_000),
      ]
      const attempts: Record<string, string>[] = [
        ...bad.map((text) => ({ 'x-api-key': text })),
        ...bad.map((text) => ({ authorization: `Bearer ${text}` })),
        { 'x-api-key': key, authorization: bearer() },
        { 'x-api-key': key, authorization: `Bearer ${stranger.key}` },
        { 'x-api-key': key, authorization: 'Basic YTpi' },
        { 'x-api-key': bearer().slice('Bearer '.length) },
        { authorization: key },
        { authorization: `Basic ${key}` },
        { 'x-api-key': '' },
        { cookie: `x-api-key=${key}` },
        {},
      ]
      for (const headers of attempts) {
        const { status, text } = await ask(headers)
        expect([headers, status, text]).toEqual([headers, 401, REFUSAL])
      }
      expect(await statusOf({ 'x-api-key': key })).toBe(200)
      expect((await service.get(`${TRAFFIC}?api_key=${key}`, { authorization: '' })).status).toBe(401)
    }, 30_000)

    test('have a usage on the command line', async () => {
      for (const [args, word] of [
        [[], 'Creates, lists and revokes API keys.'],
        [['create', '--tenant', 'a'], '--scope'],
        [['create', '--tenant', 'a', '--scope', 'all'], SCOPES.join(', ')],
        [['create', '--tenant', 'a', '--scope', 'analytics:read', '--expires', 'soon'], '90d'],
        [['list', '--scope', 'analytics:read'], '--scope'],
        [['revoke', 'x'], '16 hexadecimal digits'],
        [['list', 'x'], 'Too many arguments'],
        [['list', '--bogus'], 'bogus'],
      ] as const)
        expect(await keys(...args)).toMatchObject({ code: 2, output: expect.stringContaining(word) })
      expect(await keys('revoke', 'f'.repeat(16))).toMatchObject({
        code: 1,
        output: expect.stringContaining('There is no key'),
      })
      expect(await keys('--help')).toMatchObject({ code: 0, output: expect.stringContaining('npm run keys') })
    }, 60_000)

    test('are created through a socket that only its owner may use', () => {
      expect(statSync(join(service.dataDir, 'control.sock')).mode & 0o777).toBe(0o600)
    })

    test('can be created while the service is stopped, and are accepted after its start', async () => {
      await service.stop()
      const { key } = await create('--tenant', 'tenant-1')
      service = await startService({ natsUrl: nats.url, dataDir: service.dataDir })
      expect(await statusOf({ 'x-api-key': key })).toBe(200)
    }, 60_000)
  }

  test('appear in the log by their id, never by their secret', () => {
    const log = service.log()
    const subjects = new Set([...log.matchAll(/"subject":"key:([0-9a-f]{16})"/g)].map(([, id]) => id))
    expect(subjects.size).toBeGreaterThan(3)
    expect([...subjects].filter((id) => !made.some((one) => one.id === id))).toEqual([])
    expect(made.filter(({ key }) => log.includes(key.split('_')[2]!))).toEqual([])
  })
})

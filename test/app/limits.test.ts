import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import type { AnswerBody } from '../support/process/service.ts'
import { token } from '../support/http/tokens.ts'
import { until } from '../support/process/until.ts'
import { dashboardNames } from '../support/oracle/oracle.ts'

const ROOT = '/api/v1/analytics'
const PROXY = { 'x-forwarded-for': '203.0.113.7' }

const opened = (environment: Record<string, string>) => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp(environment)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)
  return {
    service: () => app,
    limited: async (reason: string) => {
      const { text } = await app.get('/metrics')
      return Number(new RegExp(`analytics_requests_limited_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
    },
  }
}

/** A different query for each index, so that no response comes from the cache. */
const question = (index: number) =>
  `${ROOT}/${dashboardNames[index % dashboardNames.length]}?startDate=2026-01-01&endDate=${new Date(Date.UTC(2026, 5, 1, 0, 0, 0, index)).toISOString()}`

describe('the default limits', () => {
  const { service, limited } = opened({})

  test('a client that sends one request after the other is never refused', async () => {
    const statuses = new Set<number>()
    for (let index = 0; index < 70; index++) statuses.add((await service().get(question(index))).status)
    for (let index = 0; index < 1_000; index++) statuses.add((await service().get(`${ROOT}/overview`)).status)
    expect([...statuses]).toEqual([200])
  }, 60_000)

  test('fifty requests at once are all answered', async () => {
    const ask = async (_: unknown, index: number) =>
      (await service().get(question(10_000 + index), { tenant: 'b' })).status
    expect(new Set(await Promise.all(Array.from({ length: 50 }, ask)))).toEqual(new Set([200]))
    expect(await limited('rate')).toBe(0)
  }, 30_000)

  test('a range of two years by the hour is answered', async () => {
    const { status, body } = await service().get(
      `${ROOT}/messages?startDate=2024-06-01&endDate=2026-05-31&granularity=hour`,
    )
    expect([status, (body!.data as { timeSeries: object[] }).timeSeries.length]).toEqual([200, 17_520])
  }, 30_000)

  test('every response to a tenant has the remaining quota and the policy', async () => {
    for (const path of [`${ROOT}/overview`, `${ROOT}/overview?timeRange=2d`, '/nothing']) {
      const { headers } = await service().get(path, { tenant: 'c' })
      expect(headers.get('ratelimit-policy')).toBe('"requests";q=1000;w=2, "concurrency";q=16;qu="concurrent-requests"')
      expect(headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d$/)
    }
    expect((await service().get('/health/live')).headers.get('ratelimit')).toBeNull()
  })
})

describe('a tenant over its rate', () => {
  const { service, limited } = opened({ TENANT_REQUESTS_PER_SECOND: '1' })
  const ask = (index: number, tenant: string) => service().get(question(index), { tenant })

  test('gets 429 with Retry-After; other tenants and its own unchanged polls do not', async () => {
    const polled = await service().get(`${ROOT}/overview`, { tenant: 'greedy' })
    const poll = {
      headers: {
        authorization: `Bearer ${token(service().secret, { tenantId: 'greedy' })}`,
        'if-none-match': polled.headers.get('etag') ?? '',
      },
    }
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index, 'greedy')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused[0]!.body).toMatchObject({ success: false, error: { code: 'RATE_LIMITED' } } satisfies AnswerBody)
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(refused[0]!.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=[12]$/)
    expect(await limited('rate')).toBe(refused.length)
    expect((await ask(99, 'modest')).status).toBe(200)

    // The rate limiter may check and refuse the first requests; the first accepted one is the last that it checks.
    const statuses: number[] = []
    while (statuses.at(-1) !== 304)
      statuses.push((await service().fetch(service().baseUrl + ROOT + '/overview', poll)).status)
    for (let index = 0; index < 200; index++)
      statuses.push((await service().fetch(service().baseUrl + ROOT + '/overview', poll)).status)
    expect(new Set(statuses.slice(-150))).toEqual(new Set([304]))
  }, 30_000)
})

describe('more concurrent requests than a tenant may have', () => {
  const { service } = opened({ TENANT_CONCURRENT_REQUESTS: '1' })

  test('wait and are answered', async () => {
    const ask = async (_: unknown, index: number) => (await service().get(question(index))).status
    expect(new Set(await Promise.all(Array.from({ length: 12 }, ask)))).toEqual(new Set([200]))
  }, 30_000)
})

describe('refused credentials', () => {
  const { service, limited } = opened({ AUTH_FAILURES_PER_MINUTE: '20', TRUSTED_PROXIES: '127.0.0.1' })
  const guess = (authorization: string, headers: Record<string, string> = {}) =>
    service().get(`${ROOT}/overview`, { authorization, headers: { 'x-correlation-id': 'the-same', ...headers } })

  test('get the same 401 up to the limit, then 429, per address; requests without a credential are not counted', async () => {
    const good = `Bearer ${token(service().secret, { tenantId: 'tenant-1' })}`
    expect((await guess(good)).status).toBe(200)
    for (let index = 0; index < 50; index++) expect((await guess('')).status).toBe(401)
    const bodies = new Set<string>()
    for (let index = 0; index < 20; index++) bodies.add((await guess(`Bearer a.b.${index}`)).text)
    expect([...bodies].map((body) => (JSON.parse(body) as AnswerBody).error?.code)).toEqual(['UNAUTHORIZED'])

    const refused = await guess('Bearer a.b.c')
    expect([refused.status, refused.body?.error?.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await limited('authentication')).toBe(1)
    // Requests from another address, through a trusted proxy, and from a client with a valid credential.
    expect((await guess('Bearer a.b.c', PROXY)).status).toBe(401)
    expect((await guess(good)).status).toBe(200)
  })

  test('are logged with the address of the client, without the credential', async () => {
    await guess('Bearer a.b.canary', { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })
    const isLogged = () => service().log().includes('"client":"203.0.113.9"')
    await until(isLogged, 10_000, 'the request to be logged')
    expect(service().log().includes('198.51.100.1')).toBe(false)
    expect(service().log().includes('canary')).toBe(false)
  })
})

describe('control: without a trusted proxy', () => {
  const { service } = opened({ AUTH_FAILURES_PER_MINUTE: '2' })

  test('the forwarded address of a client is ignored', async () => {
    const statuses: number[] = []
    for (let index = 0; index < 4; index++) {
      const headers = { 'x-forwarded-for': `203.0.113.${index}` }
      statuses.push((await service().get(`${ROOT}/overview`, { authorization: 'Bearer a.b.c', headers })).status)
    }
    expect(statuses).toEqual([401, 401, 429, 429])
    expect(service().log().includes('203.0.113')).toBe(false)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openStage, type Stage } from '../service/stage.ts'
import { askRaw } from '../support/raw-http.ts'

const ROOT = '/api/v1/analytics'

describe.each([
  ['on the development secret', true],
  ['on a secret of its own', false],
])("the dashboards' page of a service %s", (_secret, isDevelopment) => {
  let stage: Stage
  beforeAll(async () => {
    const env: Record<string, string> = isDevelopment ? { JWT_SECRET: '' } : {}
    stage = await openStage(() => Promise.resolve({ env, stop: () => Promise.resolve() }))
  }, 60_000)
  afterAll(() => stage?.close(), 30_000)
  const fetchPage = (path: string, encoding = 'br') =>
    fetch(stage.service().baseUrl + path, { headers: { 'accept-encoding': encoding } })
  const assetPaths = async () =>
    [...(await (await fetchPage('/dashboard')).text()).matchAll(/"\.(\/dashboard\/assets\/[^"]+)"/g)].map(
      ([, path]) => path!,
    )

  test('is open to anyone, asked for anew each time, and lets nothing else in', async () => {
    for (const path of ['/dashboard', '/dashboard/']) {
      const { status, headers } = await fetchPage(path)
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache'])
      expect(headers.get('content-type')).toStartWith('text/html')
      const policy = headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'self'")
      expect(policy).not.toContain('unsafe')
    }
  })

  test('has files that may be kept for ever, in the encoding that was asked for', async () => {
    const paths = await assetPaths()
    expect(paths).toHaveLength(3)
    for (const path of paths) {
      expect(path).toMatch(/-[0-9a-z]{8}\.(js|css|svg)$/)
      for (const [accepted, given] of [
        ['br, gzip', 'br'],
        ['gzip', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
        ['identity', null],
      ] as const) {
        const { status, headers } = await fetchPage(path, accepted)
        expect([path, status, headers.get('content-encoding')]).toEqual([path, 200, given])
        expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
        expect(headers.get('vary')).toBe('accept-encoding')
      }
    }
    expect((await fetchPage('/dashboard/assets/nothing.js')).status).toBe(404)
  })

  const session = (changed: Record<string, string | undefined> = {}, method = 'POST') => {
    const { port } = stage.service()
    const own = {
      Host: `localhost:${port}`,
      Origin: `http://localhost:${port}`,
      'Sec-Fetch-Site': 'same-origin',
      'X-Dashboard-Session': '1',
      'Content-Length': '0',
      ...changed,
    }
    const headers = Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
    return askRaw(port, `${method} /dashboard/session HTTP/1.1`, headers)
  }

  test(`${isDevelopment ? 'gives' : 'refuses'} a page on this machine a token for the development tenant`, async () => {
    const { status, body } = await session()
    if (!isDevelopment) return expect(status).toBe(404)
    expect(status).toBe(200)
    const { data } = JSON.parse(body) as { data: { token: string; tenantId: string; expiresIn: number } }
    expect(data).toMatchObject({ tenantId: 'tenant-1', expiresIn: 3600 })
    const answer = await stage.service().get(`${ROOT}/overview`, { authorization: `Bearer ${data.token}` })
    expect(answer.status).toBe(200)
  })

  test.each([
    ['whose host is another name (DNS rebinding)', { Host: 'evil.example', Origin: 'http://evil.example' }],
    ['whose host only begins like this machine', { Host: 'localhost.evil.example' }],
    ['of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://evil.example' }],
    ['of another port', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:1' }],
    ['of a page that only claims to be ours', { Origin: 'http://evil.example' }],
    ['of no page at all', { 'Sec-Fetch-Site': undefined, Origin: undefined }],
    ['of a form', { 'X-Dashboard-Session': undefined }],
    ['that came through a proxy', { 'X-Forwarded-For': '203.0.113.9' }],
    ['that came through a proxy of another kind', { Forwarded: 'for=203.0.113.9' }],
  ])('refuses a request %s', async (_, changed) => {
    const { status, body } = await session(changed)
    expect(status).toBe(404)
    expect(body).not.toContain('token')
  })

  test('gives no token to a plain link', async () => {
    expect((await session({}, 'GET')).body).not.toContain('"token"')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openServiceFixture, type ServiceFixture } from '../../support/process/service-fixture.ts'
import { askRaw } from '../../support/http/raw-http.ts'

const ROOT = '/api/v1/analytics'

describe.each([
  ['with the development secret', true],
  ['with a configured secret', false],
])('the dashboard page of a service %s', (_secret, isDevelopment) => {
  let fixture: ServiceFixture
  beforeAll(async () => {
    const env: Record<string, string> = isDevelopment ? { JWT_SECRET: '' } : {}
    fixture = await openServiceFixture({ env })
  }, 60_000)
  afterAll(() => fixture?.close(), 30_000)
  const fetchPage = (path: string, encoding = 'br') =>
    fetch(fixture.service().baseUrl + path, { headers: { 'accept-encoding': encoding } })
  const assetPaths = async () =>
    [...(await (await fetchPage('/dashboard')).text()).matchAll(/"\.(\/dashboard\/assets\/[^"]+)"/g)].map(
      ([, path]) => path!,
    )

  test('is public, never cached, and allows no content of other origins', async () => {
    for (const path of ['/dashboard', '/dashboard/']) {
      const { status, headers } = await fetchPage(path)
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache'])
      expect(headers.get('content-type')).toStartWith('text/html')
      const policy = headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'self'")
      expect(policy).not.toContain('unsafe')
    }
  })

  test('has assets that may be cached for ever, in the accepted encoding', async () => {
    const paths = await assetPaths()
    // The icon, the styles, the entry, and the parts that it shares with views that are loaded later.
    expect(paths.length).toBeGreaterThan(2)
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

  /** Requests without the code, with the headers of a browser on this machine, of a proxy on it, of another site and of another program. */
  const elsewhere = () => {
    const own = `localhost:${fixture.service().port}`
    const page = { Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' }
    return [
      page,
      { Host: own },
      { Host: `127.0.0.1:${fixture.service().port}` },
      { ...page, 'X-Dashboard-Session': '1' },
      { ...page, 'X-Forwarded-For': '127.0.0.1' },
      { Host: 'evil.example', Origin: 'http://evil.example', 'Sec-Fetch-Site': 'same-origin' },
      { ...page, Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    ]
  }
  const session = (headers: Record<string, string>, method = 'POST') => {
    const all = { Host: 'localhost', 'Content-Length': '0', ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    return askRaw(fixture.service().port, `${method} /dashboard/session HTTP/1.1`, lines)
  }
  const linkFile = () => join(fixture.service().dataDir, 'dashboard-link')

  test('gives no session without the code of the sign-in link', async () => {
    for (const headers of elsewhere())
      for (const code of [undefined, '', '1', 'x'.repeat(43)]) {
        const { status, body } = await session({
          ...headers,
          ...(code === undefined ? {} : { 'X-Sign-In-Code': code }),
        })
        expect([headers, code, status]).toEqual([headers, code, 404])
        expect(body).not.toContain('token')
      }
  })

  if (!isDevelopment)
    test('has no sign-in link', () => {
      expect(existsSync(linkFile())).toBe(false)
      expect(fixture.service().log()).not.toContain('#code=')
    })
  else
    test('gives a session of twelve hours, once, for the link that the start prints and the file contains', async () => {
      const link = readFileSync(linkFile(), 'utf8').trim()
      expect(link).toStartWith(`http://127.0.0.1:${fixture.service().port}/dashboard#code=`)
      expect(fixture.service().log()).toContain(link)
      const code = { 'X-Sign-In-Code': link.split('=')[1]! }
      expect((await session(code, 'GET')).body).not.toContain('token')
      const { status, body } = await session(code)
      expect(status).toBe(200)
      const { data } = JSON.parse(body) as { data: { token: string; tenantId: string; expiresIn: number } }
      expect(data).toMatchObject({ tenantId: 'tenant-1', expiresIn: 43_200 })
      const answer = await fixture.service().get(`${ROOT}/overview`, { authorization: `Bearer ${data.token}` })
      expect(answer.status).toBe(200)
      expect((await session(code)).status).toBe(404)
      const next = readFileSync(linkFile(), 'utf8').trim()
      expect((await session({ 'X-Sign-In-Code': next.split('=')[1]! })).status).toBe(200)
      expect(fixture.service().log()).not.toContain(next)
    })
})

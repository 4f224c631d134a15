import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ServiceFixture, openServiceFixture } from '../../support/process/service-fixture.ts'
import type { OpenApiDocument } from '../../support/openapi/document.ts'
import { askRaw } from '../../support/http/raw-http.ts'
import { token } from '../../support/http/tokens.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'

const ROOT = '/api/v1/analytics'

/** All paths that need no token. */
const OPEN = [
  '/',
  '/favicon.ico',
  '/health',
  '/health/',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/events.json',
  '/docs/assets/swagger-ui.css',
  '/docs/assets/swagger-ui-bundle.js',
  '/docs/assets/favicon-32x32.png',
  '/docs/assets/docs.css',
  '/docs/assets/init.js',
  '/dashboard',
]
const CLOSED = [
  '/nothing',
  '/api',
  '/api/v1',
  ROOT,
  `${ROOT}/`,
  `${ROOT}/nothing`,
  ...dashboardNames.flatMap((name) => [`${ROOT}/${name}`, `${ROOT}/${name}/`, `${ROOT}/${name}?timeRange=8d`]),
  `/${ROOT}/overview`,
  `${ROOT}//overview`,
  `/docs/..${ROOT}/overview`,
  `/health/live/..%2f..${ROOT}/overview`,
  `/health/live;${ROOT}/overview`,
  `/docs/assets/${ROOT}/overview`,
  '/docs/assets/',
  '/dashboard/x',
  '/dashboard/assets/',
  '/dashboard/assets/..%2f..%2fpackage.json',
  '/dashboard/session/x',
  '/unsubscribe',
  '/unsubscribe/',
  '/unsubscribe/a/b',
  '/unsubscribe/..%2f..',
  '/docs/assets/a/b',
  '/docs/assets/..%2f..%2fpackage.json',
  '/docs/json/x',
  '/metrics/x',
  '/METRICS',
  '/metrics/',
  '/health/x',
  '/docs/json/',
  '/.env',
  `${ROOT}/over%76iew`,
  `${ROOT}/%zz`,
]

const bearerOf = (secret: string) => token(secret, { tenantId: 'tenant-1' })

describe('public and protected paths', () => {
  let fixture: ServiceFixture
  beforeAll(async () => {
    fixture = await openServiceFixture()
  }, 60_000)
  afterAll(() => fixture?.close(), 30_000)
  const raw = (target: string, method = 'GET', headers: readonly string[] = ['Host: localhost']) =>
    askRaw(fixture.service().port, `${method} ${target} HTTP/1.1`, headers)

  test.each(OPEN)('%s is public', async (path) => {
    expect((await raw(path)).status).toBe(200)
  })

  test.each(CLOSED)('%s needs a token, whether it exists or not', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
      expect([method, (await raw(target, method)).status]).toEqual([method, 401])
  })

  test('every route of the API document that is not public needs a token', async () => {
    const document = JSON.parse((await raw('/docs/json')).body) as OpenApiDocument
    const paths = Object.keys(document.paths)
    expect(paths.length).toBeGreaterThanOrEqual(dashboardNames.length)
    for (const path of paths) expect([path, (await raw(path)).status]).toEqual([path, OPEN.includes(path) ? 200 : 401])
  })

  /** An invalid Host header once ended the process; a short one led to another route than the one that was checked. */
  test('an unusual Host header gives no access and does not end the service', async () => {
    const strange = [
      'x',
      'a b"<>',
      '[::',
      '1.2.3.4.5',
      'a:99999',
      'x/?',
      'x/health/live?',
      'x#',
      'x\\docs',
      '@',
      '%',
      '',
    ]
    const targets = [`${ROOT}/overview`, `/?aa${ROOT}/overview`, `/?a${ROOT}/overview`, `/metrics?x=${ROOT}/overview`]
    for (const host of strange)
      for (const target of targets) {
        const answer = await raw(target, 'GET', [`Host: ${host}`])
        expect([host, target, answer.body]).not.toEqual([host, target, expect.stringContaining('totalMessagesSent')])
        expect([host, target, answer.status >= 500]).toEqual([host, target, false])
      }
    for (const host of ['x', 'web', 'a:99999', 'localhost']) {
      const { secret } = fixture.service()
      const bearer = `Authorization: Bearer ${bearerOf(secret)}`
      expect([host, (await raw(`${ROOT}/overview`, 'GET', [`Host: ${host}`, bearer])).status]).toEqual([host, 200])
    }
    expect((await fixture.service().get('/health/live')).status).toBe(200)
  })

  test('an unknown path with a token gets 404', async () => {
    for (const path of ['/nothing', ROOT, `${ROOT}/nothing`, '/docs/assets/nothing.js', `${ROOT}/overview/x`]) {
      const answer = await fixture.service().get(path)
      expect([path, answer.status, answer.body?.error?.code]).toEqual([path, 404, 'NOT_FOUND'])
    }
  })

  test('every link of the service index exists', async () => {
    const { body } = await fixture.service().get('/', { authorization: '' })
    const places = Object.values(body?.data as Record<string, unknown>).flatMap((each) =>
      typeof each === 'object' ? Object.values(each as object) : [each],
    )
    const paths = places.filter((place): place is string => String(place).startsWith('/'))
    expect(paths.length).toBeGreaterThanOrEqual(7)
    for (const path of paths)
      expect([path, (await fixture.service().get(path, { authorization: '' })).status]).toEqual([path, 200])
  })

  test('the index is the dashboard page for browsers, and JSON for other clients', async () => {
    const statusFor = async (accept: string) => {
      const { status, headers } = await fetch(fixture.service().baseUrl, { headers: { accept }, redirect: 'manual' })
      return [status, headers.get('location'), headers.get('vary')]
    }
    for (const accept of [
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'text/html',
      'TEXT/HTML;q=0.9',
    ])
      expect([accept, ...(await statusFor(accept))]).toEqual([accept, 302, 'dashboard', 'accept'])
    for (const accept of ['*/*', 'application/json', '', 'text/html;q=0', 'application/json, text/html;q=0.0'])
      expect([accept, ...(await statusFor(accept))]).toEqual([accept, 200, null, 'accept'])
    const page = await fetch(fixture.service().baseUrl, { headers: { accept: 'text/html' } })
    expect([page.status, page.url]).toEqual([200, `${fixture.service().baseUrl}/dashboard`])
  })

  test('the icon is where browsers look for it', async () => {
    const { status, headers, text } = await fixture.service().get('/favicon.ico', { authorization: '' })
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\/svg\+xml/)])
    expect(text).toContain('<svg')
  })

  test('an unknown method with a token gets 405 with the known ones in Allow', async () => {
    const paths = [
      ...dashboardNames.map((name) => `${ROOT}/${name}`),
      '/',
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
    ]
    for (const path of [...paths, '/docs', '/docs/json'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { status, headers, body } = await fixture.service().get(path, { method })
        const told = [path, method, status, body?.error?.code, headers.get('allow')]
        expect(told).toEqual([path, method, 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'])
        expect(body?.error?.message).toBe('Only GET and HEAD are allowed here.')
      }
    for (const path of paths) {
      const { status, text } = await fixture.service().get(path, { method: 'HEAD' })
      expect([path, status, text]).toEqual([path, 200, ''])
    }
  })

  test('a body that is too large gets 413 with the usual JSON', async () => {
    const bearer = `Authorization: Bearer ${bearerOf(fixture.service().secret)}`
    const headers = ['Host: localhost', bearer, 'Content-Type: application/json', 'Content-Length: 1048577']
    const answer = await raw(`${ROOT}/overview`, 'POST', headers)
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: { code: 'PAYLOAD_TOO_LARGE' } })
  })

  describe('the correlation id', () => {
    const idOf = async (path: string, sent: Record<string, string>, authorization?: string) => {
      const request = { headers: sent, ...(authorization === undefined ? {} : { authorization }) }
      const { headers, body } = await fixture.service().get(path, request)
      return [headers.get('x-correlation-id'), body?.meta?.correlationId] as const
    }

    test.each(['request-42', 'a', 'A.b_c:d-9', 'x'.repeat(128)])('%s is returned in header and body', async (id) => {
      for (const authorization of [undefined, ''])
        expect(await idOf(`${ROOT}/overview`, { 'x-correlation-id': id }, authorization)).toEqual([id, id])
    })

    test.each(['', ' ', 'a b', '<script>', 'x'.repeat(129), '"', 'a,b', 'ü', '../x', '${jndi:x}', "a'b"])(
      'an invalid one (%j) is replaced',
      async (id) => {
        const [header, body] = await idOf(`${ROOT}/overview`, { 'x-correlation-id': id })
        expect(header).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(header).toBe(body ?? 'none')
      },
    )

    test('is on every response, also public ones and failures, and differs between requests', async () => {
      const seen = new Set<string | null>()
      const paths = [...OPEN, '/nothing', `${ROOT}/overview`, `${ROOT}/overview?x=1`]
      for (const path of paths) seen.add((await fixture.service().get(path)).headers.get('x-correlation-id'))
      expect(seen.has(null)).toBe(false)
      expect(seen.size).toBe(paths.length)
    })
  })

  test('no response may be cached by others or sniffed, and none names its server', async () => {
    for (const path of [`${ROOT}/overview`, `${ROOT}/overview?x=1`, '/nothing', '/metrics', '/docs/json']) {
      const { headers, status } = await fixture.service().get(path)
      const isAnswer = (path.startsWith(ROOT) || path === '/docs/json') && status === 200
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
        isAnswer ? 'private, no-cache' : 'private, no-store',
        'nosniff',
      ])
      expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null])
    }
  })
})

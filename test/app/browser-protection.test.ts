import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { token } from '../support/http/tokens.ts'

const ROOT = '/api/v1/analytics'
const APP = 'https://app.example'
const SECURITY: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}
const PATHS = [
  '/',
  '/docs',
  '/docs/json',
  '/docs/assets/init.js',
  '/docs/assets/swagger-ui.css',
  '/health/live',
  '/metrics',
  `${ROOT}/overview`,
  `${ROOT}/overview?x=1`,
  '/nothing',
]

const opened = (environment: Record<string, string>) => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp(environment)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)
  return () => app
}

describe('the default headers', () => {
  const service = opened({})

  test('every response has the headers that protect a browser', async () => {
    for (const path of PATHS)
      for (const authorization of [undefined, '']) {
        const { headers } = await service().get(path, authorization === undefined ? {} : { authorization })
        const told = Object.fromEntries(Object.keys(SECURITY).map((name) => [name, headers.get(name) ?? '']))
        expect([path, told]).toEqual([path, SECURITY])
        const policy = headers.get('content-security-policy') ?? ''
        expect([path, policy]).toEqual([path, expect.stringMatching(/^default-src 'self';.*frame-ancestors 'none'$/)])
        expect(policy).not.toMatch(/script-src|unsafe-eval/)
        expect(headers.get('strict-transport-security')).toBeNull()
      }
  })

  test('no other origin may use the API', async () => {
    const headers = { origin: APP, 'access-control-request-method': 'GET' }
    const preflight = await service().get(`${ROOT}/overview`, { method: 'OPTIONS', authorization: '', headers })
    const answer = await service().get(`${ROOT}/overview`, { headers })
    expect([preflight.status, answer.status]).toEqual([401, 200])
    for (const one of [preflight, answer])
      expect([...one.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('the configured headers', () => {
  const service = opened({ CORS_ORIGINS: `${APP}, http://localhost:5173`, HSTS_SECONDS: '31536000' })
  const corsOf = ({ headers }: { headers: Headers }) =>
    ['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map((name) => headers.get(name))

  test('Strict-Transport-Security is sent', async () => {
    for (const path of PATHS)
      expect((await service().get(path)).headers.get('strict-transport-security')).toBe('max-age=31536000')
  })

  test('a page of a listed origin may send requests and read the responses, also 304 and failures; cookies are never allowed', async () => {
    const headers = {
      origin: APP,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    }
    for (const path of [`${ROOT}/overview`, '/nothing']) {
      const preflight = await service().get(path, { method: 'OPTIONS', authorization: '', headers })
      expect([preflight.status, preflight.text, ...corsOf(preflight)]).toEqual([204, '', APP, null, 'origin'])
      expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
      expect(preflight.headers.get('x-correlation-id')).toBeTruthy()
    }
    const first = await service().get(`${ROOT}/overview`, { headers: { origin: APP } })
    const bearer = `Bearer ${token(service().secret, { tenantId: 'tenant-1' })}`
    const again = { authorization: bearer, headers: { origin: APP, 'if-none-match': first.headers.get('etag') ?? '' } }
    const answers = [
      first,
      await service().get(`${ROOT}/overview`, again),
      await service().get(`${ROOT}/overview`, again),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 304, 304])
    for (const answer of answers)
      expect(corsOf(answer)).toEqual([
        APP,
        null,
        'accept, accept-encoding, authorization, x-api-key, x-tenant-id, origin',
      ])
    const refused = await service().get(`${ROOT}/overview`, { authorization: '', headers: { origin: APP } })
    expect([refused.status, ...corsOf(refused)]).toEqual([401, APP, null, 'origin'])
  })

  test.each([
    'https://app.example.evil.example',
    'https://evil.example',
    'http://app.example',
    'https://app.example:8443',
    'https://APP.example',
    'null',
    '',
  ])('a page of the origin %j may not', async (origin) => {
    const headers = { origin, 'access-control-request-method': 'GET' }
    const preflight = await service().get(`${ROOT}/overview`, { method: 'OPTIONS', authorization: '', headers })
    const answer = await service().get(`${ROOT}/overview`, { headers })
    expect([preflight.status, answer.status]).toEqual([401, 200])
    expect([preflight, answer].map((one) => corsOf(one)[0])).toEqual([null, null])
    expect(answer.headers.get('vary')).toContain('origin')
  })
})

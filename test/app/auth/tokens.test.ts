import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { type Claims, token, tokenOfText } from '../../support/http/tokens.ts'

const OVERVIEW = '/api/v1/analytics/overview'
const ISSUER = 'https://id.example'
const AUDIENCE = 'analytics'
const CORRELATION_ID = 'the-same-for-all'
const REFUSAL = JSON.stringify({
  success: false,
  error: { code: 'UNAUTHORIZED', message: 'A valid bearer token or API key is required.' },
  meta: { correlationId: CORRELATION_ID },
})

/** HS256 with an issuer and an audience: these checks do not depend on the signing algorithm. */
describe('a token', () => {
  let app: TestApp
  beforeAll(async () => {
    const env = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE }
    app = await openApp(env)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const nowS = () => Math.floor(Date.now() / 1000)
  const good: Claims = { tenantId: 'tenant-1', iss: ISSUER, aud: AUDIENCE }
  const signed = (claims: Claims = {}, header?: object) => token(app.secret, { ...good, ...claims }, header)
  const ask = (authorization: string) =>
    app.get(OVERVIEW, { authorization, headers: { 'x-correlation-id': CORRELATION_ID } })

  const accepted: readonly (readonly [string, () => string])[] = [
    ['with all its claims', () => signed()],
    ['for several audiences, the configured one among them', () => signed({ aud: ['other', AUDIENCE] })],
    ['with the scope to read', () => signed({ scope: 'profile analytics:read' })],
    ['without scopes', () => signed({ scope: undefined })],
    ['that became valid a minute ago', () => signed({ nbf: nowS() - 60 })],
    ['without a subject', () => signed({ sub: undefined })],
    ['of a tenant of 128 unusual characters', () => signed({ tenantId: 'Az0._:-x'.repeat(16) })],
    ['that expires at the last possible date', () => withExp('8640000000000')],
    ['that expires at a fraction of a second', () => withExp(`${nowS() + 60}.5`)],
    ['with an unused key id', () => signed({}, { alg: 'HS256', kid: '../../etc/passwd' })],
  ]
  test.each(accepted)('%s is accepted', async (_, make) => {
    expect((await ask(`Bearer ${make()}`)).status).toBe(200)
  })

  const unsigned = (header: object) => {
    const [, payload] = signed().split('.')
    return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`
  }
  const withExp = (exp: string) => {
    const claims = JSON.stringify(good).slice(1, -1)
    return tokenOfText(app.secret, `{${claims},"exp":${exp}}`)
  }
  const tampered = (change: (parts: string[]) => string[]) => change(signed().split('.')).join('.')
  const refused: readonly (readonly [string, () => string])[] = [
    ['alg none', () => unsigned({ alg: 'none' })],
    ['alg None with a signature', () => signed({}, { alg: 'None' })],
    ['no alg', () => signed({}, { typ: 'JWT' })],
    ['alg HS512', () => signed({}, { alg: 'HS512' })],
    ['alg RS256 without a key for it', () => signed({}, { alg: 'RS256' })],
    ['an unknown critical header', () => signed({}, { alg: 'HS256', crit: ['x'], x: 1 })],
    ['another key', () => token('another secret of 32 bytes or more', good)],
    ['an empty key', () => token('', good)],
    [
      'another payload',
      () => tampered(([head = '', , end = '']) => [head, signed({ tenantId: 'b' }).split('.')[1] ?? '', end]),
    ],
    ['no signature', () => tampered(([head = '', payload = '']) => [head, payload, ''])],
    ['four parts', () => tampered((parts) => [...parts, 'x'])],
    ['two parts', () => tampered((parts) => parts.slice(0, 2))],
    ['a payload that is a list', () => `${signed().split('.')[0]}.${Buffer.from('[]').toString('base64url')}.x`],
    ['another issuer', () => signed({ iss: `${ISSUER}/` })],
    ['no issuer', () => signed({ iss: undefined })],
    ['another audience', () => signed({ aud: 'Analytics' })],
    ['no audience', () => signed({ aud: undefined })],
    ['an expiry in the past', () => signed({ exp: nowS() - 1 })],
    ['a start in the future', () => signed({ nbf: nowS() + 3600 })],
    ['no expiry', () => signed({ exp: undefined })],
    ['an expiry in words', () => signed({ exp: 'tomorrow' })],
    ['no tenant', () => signed({ tenantId: undefined })],
    ['an empty tenant', () => signed({ tenantId: '' })],
    ['a tenant with a quote', () => signed({ tenantId: "a'b" })],
    ['a tenant of 129 characters', () => signed({ tenantId: 'x'.repeat(129) })],
    ['a tenant that is a number', () => signed({ tenantId: 7 })],
    ['a tenant that is a list', () => signed({ tenantId: ['tenant-1'] })],
    ['a tenant with a line break', () => signed({ tenantId: 'tenant-1\n' })],
    ['a scope that is a list', () => signed({ scope: ['analytics:read'] })],
    ['a subject that is a number', () => signed({ sub: 42 })],
    ['a subject that is an object', () => signed({ sub: { slice: 1 } })],
    ['a subject that is null', () => signed({ sub: null })],
    ['a subject that is a list', () => signed({ sub: ['a-user'] })],
    ['a scope that is a number', () => signed({ scope: 7 })],
    ['a tenant that is null', () => signed({ tenantId: null })],
    ['tenants that are an object', () => signed({ tenantIds: { length: 1, 0: 'tenant-1' } })],
    ['an issuer in a list', () => signed({ iss: [ISSUER] })],
    ['an audience beside a number', () => signed({ aud: [AUDIENCE, 7] })],
    ['a start in words', () => signed({ nbf: 'yesterday' })],
    ['an issue time in words', () => signed({ iat: 'today' })],
    ['an expiry beyond all numbers', () => withExp('1e999')],
    ['an expiry beyond all dates', () => withExp('8640000000001')],
    ['an expiry in a string', () => withExp('"1e999"')],
    ['an expiry that is a list', () => withExp('[9999999999]')],
    ['12 kilobytes', () => signed({ sub: 'x'.repeat(9_000) })],
  ]
  test.each(refused)('with %s gets the same refusal, byte for byte', async (_, make) => {
    const answer = await ask(`Bearer ${make()}`)
    expect([answer.status, answer.text]).toEqual([401, REFUSAL])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('with claims of the wrong type causes no unexpected error, also after the response', async () => {
    for (const sub of [42, { length: 3 }, [], true, null]) await ask(`Bearer ${signed({ sub })}`)
    expect((await app.get('/health/live')).status).toBe(200)
    const { text } = await app.get('/metrics')
    expect(text).toContain('analytics_unexpected_errors_total{where="hook"} 0')
    expect(text).not.toMatch(/^analytics_unexpected_errors_total\{.*\} [1-9]/m)
  })

  test.each(['Bearer  ', 'bearer    ', 'BEARER '])('may follow %j', async (scheme) => {
    expect((await ask(`${scheme}${signed()}`)).status).toBe(200)
  })

  test('may be in both headers if it is the same', async () => {
    const both = (bearer: string, apiKey: string) =>
      app.get(OVERVIEW, { authorization: bearer, headers: { 'x-api-key': apiKey } })
    const [one, other] = [signed(), signed({ tenantId: 'tenant-2' })]
    expect((await both(`Bearer ${one}`, one)).status).toBe(200)
    for (const [bearer, apiKey] of [
      [`Bearer ${one}`, other],
      [`Bearer ${one}`, `${one}, ${one}`],
      [`Bearer ${one}`, `Bearer ${one}`],
      [`Basic ${one}`, one],
      [one, one],
    ] as const)
      expect([bearer, apiKey, (await both(bearer, apiKey)).status]).toEqual([bearer, apiKey, 401])
  })

  test.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Token x', 'null', 'Bearer a b'])(
    'is required: the header %j gets the same refusal, byte for byte',
    async (authorization) => {
      const answer = await ask(authorization)
      expect([answer.status, answer.text]).toEqual([401, REFUSAL])
    },
  )

  test('is read from its headers only: address, cookie and other headers do not count', async () => {
    const statusOf = async (path: string, headers: Record<string, string> = {}) =>
      (await app.get(path, { authorization: '', headers })).status
    for (const name of ['access_token', 'token']) expect(await statusOf(`${OVERVIEW}?${name}=${signed()}`)).toBe(401)
    for (const [name, value] of [
      ['cookie', `token=${signed()}`],
      ['x-authorization', `Bearer ${signed()}`],
      ['x-tenant-id', 'tenant-1'],
    ] as const)
      expect([name, await statusOf(OVERVIEW, { [name]: value })]).toEqual([name, 401])
  })

  test.each(['', 'analytics:write', 'analytics:readonly', 'ANALYTICS:READ', 'analytics:read,profile'])(
    'with scopes, but without the one to read (%j), gets 403',
    async (scope) => {
      const answer = await ask(`Bearer ${signed({ scope })}`)
      expect([answer.status, answer.body?.error?.code]).toEqual([403, 'FORBIDDEN'])
    },
  )
})

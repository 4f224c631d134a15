import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type KeyObject, generateKeyPairSync } from 'node:crypto'
import { exportJWK } from 'jose'
import { systemClock } from '../../../src/base/clock.ts'
import { ApiKeyCache } from '../../../src/http/auth/api-key-cache.ts'
import { createAuthenticator } from '../../../src/http/auth/authenticator.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { freePort } from '../../support/process/ports.ts'
import { ASYMMETRIC_ALGORITHMS, type SigningKey, makeSigningKey } from '../../support/http/signing-keys.ts'
import { token } from '../../support/http/tokens.ts'

const OVERVIEW = '/api/v1/analytics/overview'
const CLAIMS = { tenantId: 'tenant-1' }
const noApiKeys = new ApiKeyCache({ find: () => Promise.resolve([]) }, systemClock)
const REFUSAL = JSON.stringify({ code: 'UNAUTHORIZED', message: 'A valid bearer token or API key is required.' })

const opened: TestApp[] = []
afterAll(async () => {
  for (const app of opened) await app.close()
}, 30_000)

async function open(environment: Record<string, string>): Promise<TestApp> {
  const app = await openApp({ JWT_SECRET: '', ...environment })
  opened.push(app)
  return app
}

async function ask(app: TestApp, bearer: string) {
  const { status, body, headers } = await app.get(OVERVIEW, { authorization: `Bearer ${bearer}` })
  return { status, error: JSON.stringify(body?.error), code: body?.error?.code, retryAfter: headers.get('retry-after') }
}

describe.each(ASYMMETRIC_ALGORITHMS)('with a %s key in JWT_PUBLIC_KEY', (algorithm) => {
  let app: TestApp
  let key: SigningKey
  let strangers: readonly SigningKey[]
  beforeAll(async () => {
    key = await makeSigningKey(algorithm)
    strangers = await Promise.all(ASYMMETRIC_ALGORITHMS.map((each) => makeSigningKey(each)))
    // The form of an environment file: one line.
    app = await open({ JWT_PUBLIC_KEY: key.pem.replaceAll('\n', '\\n') })
  }, 60_000)

  test('a token signed with its private key is accepted', async () => {
    expect((await ask(app, await key.sign(CLAIMS))).status).toBe(200)
  })

  test('a token signed with another key of any kind is refused', async () => {
    for (const stranger of strangers)
      expect(await ask(app, await stranger.sign(CLAIMS))).toMatchObject({ status: 401, error: REFUSAL })
  })

  test('the public key is not accepted as an HMAC secret', async () => {
    for (const secret of [
      key.pem,
      key.pem.trim(),
      `${key.pem.trim()}\n`,
      key.pem.replaceAll('\n', ''),
      '',
      'undefined',
    ])
      for (const alg of ['HS256', algorithm])
        expect(await ask(app, token(secret, CLAIMS, { alg }))).toMatchObject({ status: 401, error: REFUSAL })
  })

  test('a token cannot contain its own key', async () => {
    const [stranger] = strangers.filter((each) => each.algorithm === algorithm)
    if (!stranger) throw new Error('There is no second key.')
    const bearer = await stranger.sign(CLAIMS, { jwk: await exportJWK(stranger.privateKey) })
    expect(await ask(app, bearer)).toMatchObject({ status: 401, error: REFUSAL })
  })
})

describe('JWT_PUBLIC_KEY', () => {
  const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' })
  const useless: readonly (readonly [string, () => string, string])[] = [
    [
      'an RSA key of 1024 bits',
      () => pemOf(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey),
      '2048 bits',
    ],
    ['a key on another curve', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), 'P-256'],
    [
      'a good key and a private one',
      () =>
        `${pemOf(generateKeyPairSync('ed25519').publicKey)}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
      'nothing else',
    ],
    [
      'a good key and a bad one',
      () =>
        `${pemOf(generateKeyPairSync('ed25519').publicKey)}-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----`,
      'key 2',
    ],
    ['no key at all', () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'P-256'],
  ]
  test.each(useless)('that is %s is reported at the start', async (_, make, sentence) => {
    const nothing = { secret: undefined, jwksUrl: undefined, issuer: undefined, audience: undefined }
    const made = createAuthenticator({ ...nothing, publicKey: make() }, noApiKeys)
    expect(await made.then(() => 'accepted', String)).toContain(sentence)
  })
})

describe('with keys at JWT_JWKS_URL', () => {
  let app: TestApp
  let keys: readonly SigningKey[]
  let answer: () => Response
  let jwks: Bun.Server<undefined>
  const asked: string[] = []
  beforeAll(async () => {
    keys = await Promise.all(ASYMMETRIC_ALGORITHMS.map((each) => makeSigningKey(each, `key-${each}`)))
    answer = () => Response.json({ keys: keys.map(({ jwk }) => jwk) })
    const port = await freePort()
    app = await open({ JWT_JWKS_URL: `http://127.0.0.1:${port}/keys` })
    const bearer = await (keys[0] as SigningKey).sign(CLAIMS)
    // No server listens yet: without keys the service responds with 503, because the token may be valid.
    unreachable = await ask(app, bearer)
    const serve = (request: Request) => {
      asked.push(new URL(request.url).pathname)
      return answer()
    }
    jwks = Bun.serve({ port, hostname: '127.0.0.1', fetch: serve })
  }, 60_000)
  afterAll(() => jwks?.stop(true))
  let unreachable: Awaited<ReturnType<typeof ask>>

  test('tokens get 503 with Retry-After while the keys cannot be fetched', async () => {
    const told = { status: 503, code: 'UNAVAILABLE', retryAfter: expect.any(String) }
    expect(unreachable).toMatchObject(told)
    const real = answer
    for (const broken of [
      () => new Response('down', { status: 500 }),
      () => new Response('no JSON'),
      () => Response.json([]),
    ]) {
      answer = broken
      for (const key of keys) expect(await ask(app, await key.sign(CLAIMS))).toMatchObject(told)
    }
    answer = real
  })

  test.each([0, 1, 2])('a token of key %i of three is accepted, with and without its key id', async (index) => {
    const key = keys[index] as SigningKey
    expect((await ask(app, await key.sign(CLAIMS))).status).toBe(200)
    expect((await ask(app, await key.sign(CLAIMS, { kid: undefined }))).status).toBe(200)
  })

  test('a token signed with another key is refused with any key id, and no key id is used as an address', async () => {
    const stranger = await makeSigningKey('RS256', 'stranger')
    const before = asked.length
    const base = `http://127.0.0.1:${jwks.port}`
    const ids = [
      'stranger',
      'key-RS256',
      'key-ES256',
      `${base}/evil`,
      '/evil',
      '../../../../etc/passwd',
      "' OR 1=1 --",
      '',
    ]
    for (const kid of ids)
      expect(await ask(app, await stranger.sign(CLAIMS, { kid }))).toMatchObject({ status: 401, error: REFUSAL })
    const links = { jku: `${base}/evil`, x5u: `${base}/evil`, jwk: stranger.jwk }
    expect(await ask(app, await stranger.sign(CLAIMS, links))).toMatchObject({ status: 401, error: REFUSAL })
    expect(asked.slice(before).filter((path) => path !== '/keys')).toEqual([])
  })

  test('no key of the list is accepted as an HMAC secret', async () => {
    for (const { pem, jwk } of keys)
      for (const secret of [pem, JSON.stringify(jwk), jwk.n ?? jwk.x ?? ''])
        expect(await ask(app, token(secret, CLAIMS))).toMatchObject({ status: 401, error: REFUSAL })
  })

  test('a valid token is accepted while the keys cannot be fetched', async () => {
    const real = answer
    answer = () => new Response('down', { status: 500 })
    expect((await ask(app, await (keys[1] as SigningKey).sign(CLAIMS))).status).toBe(200)
    answer = real
  })
})

import { afterAll, beforeAll, describe, expect, setSystemTime, test } from 'bun:test'
import { SignJWT } from 'jose'
import { systemClock } from '../../../src/base/clock.ts'
import { ApiKeyCache } from '../../../src/http/auth/api-key-cache.ts'
import { createAuthenticator } from '../../../src/http/auth/authenticator.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { ASYMMETRIC_ALGORITHMS, type SigningKey, makeSigningKey } from '../../support/http/signing-keys.ts'
import { token } from '../../support/http/tokens.ts'

const CLAIMS = { tenantId: 'tenant-1' }

describe('with several keys in JWT_PUBLIC_KEY', () => {
  let app: TestApp
  let keys: readonly SigningKey[]
  beforeAll(async () => {
    // Two keys per algorithm: the old ones, whose tokens are still valid, and the new ones.
    keys = await Promise.all([...ASYMMETRIC_ALGORITHMS, ...ASYMMETRIC_ALGORITHMS].map((each) => makeSigningKey(each)))
    app = await openApp({ JWT_SECRET: '', JWT_PUBLIC_KEY: keys.map(({ pem }) => pem).join('') })
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = async (bearer: string) => {
    const { status, body } = await app.get('/api/v1/analytics/overview', { authorization: `Bearer ${bearer}` })
    return [status, body?.error?.code]
  }

  test.each([0, 1, 2, 3, 4, 5])('a token of key %i of six is accepted, whatever its key id', async (index) => {
    const key = keys[index] as SigningKey
    expect(await ask(await key.sign(CLAIMS))).toEqual([200, undefined])
    expect(await ask(await key.sign(CLAIMS, { kid: 'new' }))).toEqual([200, undefined])
  })

  test('an expired token of any of the keys and a token of another key are refused', async () => {
    for (const key of keys) {
      const expired = await new SignJWT(CLAIMS)
        .setProtectedHeader({ alg: key.algorithm })
        .setExpirationTime(1)
        .sign(key.privateKey)
      expect(await ask(expired)).toEqual([401, 'UNAUTHORIZED'])
      const stranger = await makeSigningKey(key.algorithm)
      expect(await ask(await stranger.sign(CLAIMS))).toEqual([401, 'UNAUTHORIZED'])
    }
  })

  test('no key is accepted for the algorithm of another, nor as an HMAC secret', async () => {
    for (const { pem } of keys)
      for (const alg of ['HS256', ...ASYMMETRIC_ALGORITHMS])
        expect(await ask(token(pem, CLAIMS, { alg }))).toEqual([401, 'UNAUTHORIZED'])
  })
})

test('keys at JWT_JWKS_URL are rotated without a restart: an unknown key id causes a new fetch; each of several keys without an id is tried', async () => {
  const old = await makeSigningKey('RS256', 'old')
  const next = await makeSigningKey('RS256', 'next')
  let listed = [old]
  const rotating = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => Response.json({ keys: listed.map(({ jwk }) => jwk) }),
  })
  const nothing = { secret: undefined, publicKey: undefined, issuer: undefined, audience: undefined }
  const authenticate = await createAuthenticator(
    { ...nothing, jwksUrl: rotating.url.href },
    new ApiKeyCache({ find: () => Promise.resolve([]) }, systemClock),
  )
  const opens = async (key: SigningKey, header?: object) => {
    const headers = new Headers({ authorization: `Bearer ${await key.sign(CLAIMS, header)}` })
    return authenticate(headers).then(
      ({ tenantId }) => tenantId,
      ({ code }) => code as string,
    )
  }
  expect([await opens(old), await opens(next)]).toEqual(['tenant-1', 'UNAUTHORIZED'])
  listed = [old, next]
  // An unknown key id must not cause a fetch per request: the client waits for half a minute between two fetches.
  setSystemTime(Date.now() + 31_000)
  for (const key of listed)
    expect([await opens(key), await opens(key, { kid: undefined })]).toEqual(['tenant-1', 'tenant-1'])
  const stranger = await makeSigningKey('RS256')
  expect(await opens(stranger)).toBe('UNAUTHORIZED')
  setSystemTime()
  await rotating.stop(true)
})

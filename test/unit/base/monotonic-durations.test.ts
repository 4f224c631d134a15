import { describe, expect, test } from 'bun:test'
import { createSetBackDetector } from '../../../src/base/clock.ts'
import { DataVersions } from '../../../src/http/cache/data-versions.ts'
import { ApiKeyCache } from '../../../src/http/auth/api-key-cache.ts'
import { hashSecret, createApiKey } from '../../../src/http/auth/api-key.ts'
import type { Principal } from '../../../src/http/auth/authenticator.ts'
import { LiveTickets } from '../../../src/http/live/live-tickets.ts'
import type { StoredApiKey } from '../../../src/http/ports.ts'
import { TokenBuckets } from '../../../src/http/limits/token-buckets.ts'
import { createTokenVerifier } from '../../../src/http/auth/token-verifier.ts'
import { Quotas } from '../../../src/ingest/quotas.ts'
import { createReconnectDelay } from '../../../src/nats/connection.ts'
import { makeSigningKey } from '../../support/http/signing-keys.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

const NOON = Date.UTC(2026, 0, 27, 12)
const TWO_HOURS_MS = 2 * 3_600_000

/** A clock whose wall time is set back by two hours after `before` has run. */
async function setBackAfter(before: (clock: ManualClock) => unknown): Promise<ManualClock> {
  const clock = new ManualClock(NOON)
  await before(clock)
  clock.setWallClock(NOON - TWO_HOURS_MS)
  return clock
}

describe('after the wall clock was set back by two hours', () => {
  test('rate limits are refilled', async () => {
    let buckets!: TokenBuckets
    const clock = await setBackAfter((each) => {
      buckets = new TokenBuckets({ tokensPerSecond: 10, capacity: 10, maxBuckets: 10, clock: each })
      expect(buckets.tryTake('a', 10)).toBe(true)
    })
    await clock.advance(1_000)
    expect(buckets.remaining('a')).toBe(10)
  })

  test('quotas are refilled', async () => {
    let quotas!: Quotas
    const clock = await setBackAfter((each) => {
      quotas = new Quotas({ eventsPerSecond: 10, byTenant: new Map(), clock: each })
      for (let n = 0; n < 20; n++) expect(quotas.admits('a')).toBe(true)
    })
    expect(quotas.available('a')).toBe(0)
    await clock.advance(1_000)
    expect(quotas.available('a')).toBe(10)
  })

  test('a cached key expires, so that a revocation takes effect', async () => {
    const { id, secret, text } = createApiKey()
    const key: StoredApiKey = {
      id,
      tenantId: 'a',
      secretHash: await hashSecret(secret),
      scopes: ['analytics:read'],
      expiresAt: undefined,
    }
    const kept = new Map([[id, key]])
    let ring!: ApiKeyCache
    const clock = await setBackAfter(async (each) => {
      ring = new ApiKeyCache({ find: async (ids) => ids.flatMap((wanted) => kept.get(wanted) ?? []) }, each)
      expect(await ring.find(text)).toEqual(key)
    })
    kept.clear()
    await clock.advance(3_000)
    expect(await ring.find(text)).toBeUndefined()
  })

  test('a live ticket expires on time', async () => {
    const principal: Principal = { tenantId: 'a', subject: undefined, scopes: new Set(), expiresAt: Infinity }
    let tickets!: LiveTickets
    let ticket = ''
    const clock = await setBackAfter((each) => {
      tickets = new LiveTickets(async () => principal, each)
      ticket = tickets.issue(new Headers(), principal).ticket
    })
    await clock.advance(30_000)
    const url = new URL(`http://service/api/v1/analytics/live?ticket=${ticket}`)
    expect(() => tickets.redeem(url, new Headers())).toThrow('A valid bearer token or API key is required.')
  })

  test('no data version is repeated', async () => {
    const seen = new Set<string>()
    let versions!: DataVersions
    const clock = await setBackAfter(async (each) => {
      each.setWallClock(NOON - TWO_HOURS_MS)
      versions = new DataVersions({ clock: each, validForMs: 5_000 })
      seen.add(versions.of('a'))
      each.setWallClock(NOON)
      seen.add(versions.of('a'))
    })
    expect(seen.size).toBe(2)
    expect(clock.now()).toBe(NOON - TWO_HOURS_MS)
    expect(seen.has(versions.of('a'))).toBe(false)
  })

  test('the first reconnect to the broker is immediate, the next ones follow the usual delays', async () => {
    let delay!: () => number
    const clock = await setBackAfter((each) => {
      delay = createReconnectDelay(each)
    })
    expect(NOON + delay()).toBeLessThanOrEqual(clock.now() + 750)
    for (let n = 0; n < 10; n++) delay()
    expect(delay()).toBeGreaterThanOrEqual(500)
  })

  test('the list of public keys is fetched again', async () => {
    const key = await makeSigningKey('ES256')
    let fetches = 0
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch() {
        fetches++
        return Response.json({ keys: [{ ...key.jwk, alg: 'ES256' }] })
      },
    })
    try {
      const jwksUrl = `http://127.0.0.1:${server.port}/`
      const options = { secret: undefined, publicKey: undefined, jwksUrl, issuer: undefined, audience: undefined }
      const clock = new ManualClock(NOON)
      const check = await createTokenVerifier(options, clock)
      const signed = await key.sign({ tenantId: 'a' })
      for (let n = 0; n < 2; n++) expect((await check(signed))['tenantId']).toBe('a')
      expect(fetches).toBe(1)
      clock.setWallClock(NOON - TWO_HOURS_MS)
      expect((await check(signed))['tenantId']).toBe('a')
      expect(fetches).toBe(2)
    } finally {
      await server.stop(true)
    }
  })

  test('the set-back is detected once, and a correction by a few milliseconds is not', async () => {
    let readSetBack!: () => number
    const clock = await setBackAfter((each) => {
      readSetBack = createSetBackDetector(each)
    })
    expect([readSetBack(), readSetBack()]).toEqual([TWO_HOURS_MS, 0])
    clock.setWallClock(clock.now() - 10)
    expect(readSetBack()).toBe(0)
    clock.setWallClock(NOON)
    expect(readSetBack()).toBe(0)
  })
})

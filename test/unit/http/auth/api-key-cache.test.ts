import { describe, expect, test } from 'bun:test'
import { hashSecret, createApiKey } from '../../../../src/http/auth/api-key.ts'
import { ApiKeyCache } from '../../../../src/http/auth/api-key-cache.ts'
import type { StoredApiKey } from '../../../../src/http/ports.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

const NOW = 1_000_000

/** An API-key cache with a simulated store: it returns the keys of `kept` after `gate` resolves. */
async function open(keptCount = 1) {
  const clock = new ManualClock(NOW)
  const made = Array.from({ length: keptCount }, () => createApiKey())
  const kept = new Map<string, StoredApiKey>()
  for (const { id, secret } of made)
    kept.set(id, { id, tenantId: 'a', secretHash: await hashSecret(secret), scopes: [], expiresAt: undefined })
  const queries: (readonly string[])[] = []
  const fixture = { gate: () => Promise.resolve() }
  const source = {
    find: async (ids: readonly string[]) => {
      queries.push(ids)
      await fixture.gate()
      return ids.flatMap((id) => kept.get(id) ?? [])
    },
  }
  return { clock, kept, queries, fixture, ring: new ApiKeyCache(source, clock), keys: made, key: made[0]! }
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'answered',
    (error: unknown) => (error as { code?: string }).code,
  )

describe('the cache of API keys', () => {
  test('accepts a key by its whole text only', async () => {
    const { ring, key } = await open()
    expect((await ring.find(key.text))?.id).toBe(key.id)
    const flipped = key.secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    for (const text of [`oak_${key.id}_${flipped}`, `oak_${key.id}_${createApiKey().secret}`, createApiKey().text])
      expect(await ring.find(text)).toBeUndefined()
  })

  test('does not query the store for a text that is not a key', async () => {
    const { ring, key, queries } = await open()
    const malformed = ['', 'oak_', key.id, key.text.slice(1), key.text.slice(0, -1), `${key.text}0`, `${key.text}\n`]
    for (const text of [
      ...malformed,
      key.text.toUpperCase(),
      key.text.replace('oak', 'key'),
      `${key.text}, ${key.text}`,
    ])
      expect(await ring.find(text)).toBeUndefined()
    expect(queries).toEqual([])
  })

  test('looks a key up once in two seconds, whether it exists or not', async () => {
    const { ring, key, queries, clock } = await open()
    const unknown = createApiKey()
    const ask = async () => {
      await ring.find(key.text)
      await ring.find(unknown.text)
    }
    await ask()
    await clock.advance(1_999)
    await ask()
    expect(queries).toEqual([[key.id], [unknown.id]])
    await clock.advance(1)
    await ask()
    expect(queries).toHaveLength(4)
  })

  test('refuses a revoked key after two seconds at most', async () => {
    const { ring, key, kept, clock } = await open()
    expect(await ring.find(key.text)).toBeDefined()
    kept.delete(key.id)
    await clock.advance(2_000)
    expect(await ring.find(key.text)).toBeUndefined()
  })

  test('refuses a key from the moment it expires, cached or not', async () => {
    const { ring, key, kept, clock } = await open()
    kept.set(key.id, { ...kept.get(key.id)!, expiresAt: NOW + 100 })
    await clock.advance(99)
    expect(await ring.find(key.text)).toBeDefined()
    await clock.advance(1)
    expect(await ring.find(key.text)).toBeUndefined()
  })

  test('runs one query at a time, for all waiting keys, so that guesses put little load on the store', async () => {
    const { ring, keys, queries, fixture } = await open(3)
    let release = () => {}
    fixture.gate = () => new Promise((resolve) => (release = resolve))
    const first = ring.find(keys[0]!.text)
    await settled()
    const guesses = Array.from({ length: 500 }, () => ring.find(createApiKey().text))
    const others = [ring.find(keys[1]!.text), ring.find(keys[2]!.text), ring.find(keys[2]!.text)]
    await settled()
    expect(queries).toHaveLength(1)
    fixture.gate = () => Promise.resolve()
    release()
    expect((await Promise.all([first, ...others])).map((found) => found?.id)).toEqual(
      [0, 1, 2, 2].map((index) => keys[index]!.id),
    )
    expect((await Promise.all(guesses)).filter(Boolean)).toEqual([])
    expect(queries.map((ids) => ids.length)).toEqual([1, 502])
  })

  test('keeps an existing key whatever the number of guesses', async () => {
    const { ring, key, queries } = await open()
    await ring.find(key.text)
    for (let round = 0; round < 11; round++)
      await Promise.all(Array.from({ length: 1_000 }, () => ring.find(createApiKey().text)))
    const asked = queries.length
    expect(await ring.find(key.text)).toBeDefined()
    expect(queries).toHaveLength(asked)
  })

  test('rejects with UNAVAILABLE while the store fails or hangs, and caches nothing of that', async () => {
    const { ring, key, fixture, clock } = await open()
    fixture.gate = () => Promise.reject(new Error('down'))
    expect(await codeOf(ring.find(key.text))).toBe('UNAVAILABLE')
    fixture.gate = () => new Promise(() => {})
    const hanging = codeOf(ring.find(key.text))
    await clock.advance(5_000)
    expect(await hanging).toBe('UNAVAILABLE')
    fixture.gate = () => Promise.resolve()
    expect(await ring.find(key.text)).toBeDefined()
  })

  test('refuses more waiting keys than one query can look up', async () => {
    const { ring, fixture, clock } = await open()
    fixture.gate = () => new Promise(() => {})
    const codes = Array.from({ length: 1_001 }, () => codeOf(ring.find(createApiKey().text)))
    expect(await Promise.race(codes)).toBe('UNAVAILABLE')
    await clock.advance(5_000)
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['UNAVAILABLE']))
  })
})

import { describe, expect, test } from 'bun:test'
import { ApiFailure, LimitFailure, StoreFailure } from '../../../../src/base/errors.ts'
import { AuthenticationThrottle } from '../../../../src/http/auth/authentication-throttle.ts'
import { TokenBuckets } from '../../../../src/http/limits/token-buckets.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

function open(perMinute = 3) {
  const clock = new ManualClock(0)
  const credentials = new AuthenticationThrottle({ perMinute, clock })
  let verified = 0
  const ask = (client: string, credential: string | null, failure?: unknown) =>
    credentials
      .authenticate(client, credential, () => {
        verified++
        if (failure instanceof Error) return Promise.reject(failure)
        return credential === 'good' ? Promise.resolve('in') : Promise.reject(new ApiFailure('UNAUTHORIZED', 'no'))
      })
      .catch((error: unknown) => (error instanceof LimitFailure ? error.retryAfterSeconds : (error as ApiFailure).code))
  return { clock, ask, verified: () => verified }
}

describe('refused credentials', () => {
  test('are refused without a check once an address had too many, and checked again when it has waited', async () => {
    const { clock, ask, verified } = open()
    for (let guess = 0; guess < 3; guess++) expect(await ask('1.1.1.1', `${guess}`)).toBe('UNAUTHORIZED')
    expect(await ask('1.1.1.1', 'another')).toBe(20)
    expect(await ask('1.1.1.1', 'good')).toBe(20)
    expect(verified()).toBe(3)
    await clock.advance(20_000)
    expect(await ask('1.1.1.1', 'another')).toBe('UNAUTHORIZED')
    expect(await ask('1.1.1.1', 'another')).toBe(20)
  })

  test('of one address do not count for another', async () => {
    const { ask } = open()
    for (let guess = 0; guess < 5; guess++) await ask('2001:db8::1', 'bad')
    expect(await ask('2001:db8::2', 'bad')).toBe(20)
    expect(await ask('2001:db9::1', 'good')).toBe('in')
  })

  test('do not lock out a valid credential from the same address, until that credential is refused itself', async () => {
    const { ask } = open()
    expect(await ask('1.1.1.1', 'good')).toBe('in')
    for (let guess = 0; guess < 5; guess++) await ask('1.1.1.1', 'bad')
    expect(await ask('1.1.1.1', 'good')).toBe('in')
    expect(await ask('1.1.1.1', 'good', new ApiFailure('UNAUTHORIZED', 'taken back'))).toBe('UNAUTHORIZED')
    expect(await ask('1.1.1.1', 'good')).toBeGreaterThan(0)
  })

  test('are not counted when none was sent, or when something other than the credential failed', async () => {
    const { ask } = open()
    for (let index = 0; index < 9; index++) {
      expect(await ask('1.1.1.1', null)).toBe('UNAUTHORIZED')
      expect(await ask('1.1.1.1', 'x', new ApiFailure('UNAVAILABLE', 'no keys'))).toBe('UNAVAILABLE')
      await ask('1.1.1.1', 'x', new StoreFailure('unavailable', 'away'))
    }
    expect(await ask('1.1.1.1', 'bad')).toBe('UNAUTHORIZED')
  })

  test('are unlimited when the limit is 0', async () => {
    const { ask } = open(0)
    for (let guess = 0; guess < 99; guess++) expect(await ask('1.1.1.1', 'bad')).toBe('UNAUTHORIZED')
  })
})

test('buckets of many keys take bounded memory, and the most recently used are kept', () => {
  const clock = new ManualClock(0)
  const buckets = new TokenBuckets({ tokensPerSecond: 1, capacity: 1, maxBuckets: 100, clock })
  for (let index = 0; index < 10_000; index++) {
    buckets.tryTake(`${index}`, 1)
    buckets.tryTake('busy', 0)
    if (index === 0) buckets.tryTake('busy', 1)
  }
  expect(buckets.size).toBe(100)
  expect([buckets.remaining('9999'), buckets.remaining('busy'), buckets.remaining('0')]).toEqual([0, 0, 1])
})

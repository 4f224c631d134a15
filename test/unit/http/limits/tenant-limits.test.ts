import { describe, expect, test } from 'bun:test'
import { LimitFailure } from '../../../../src/base/errors.ts'
import { queryCost, TenantLimits } from '../../../../src/http/limits/tenant-limits.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

const DAY_MS = 86_400_000

function open({ perSecond = 0, atOnce = 0 } = {}) {
  const clock = new ManualClock(0)
  const metrics = createServiceMetrics()
  const limits = new TenantLimits(
    { tenantRequestsPerSecond: perSecond, tenantConcurrentRequests: atOnce },
    { clock, metrics },
  )
  const told = (error: unknown) =>
    error instanceof LimitFailure ? `${error.reason}, again in ${error.retryAfterSeconds}` : 'failed'
  const look = (tenant = 'a') =>
    limits
      .admit(tenant)
      .then(() => 'in')
      .catch(told)
  /** A request as a route handles it: a rate check, then the query. */
  const read = async (tenant = 'a', cost = 1, task = () => Promise.resolve('read')) => {
    await limits.admit(tenant)
    return limits.runQuery(tenant, cost, task).catch(told)
  }
  return { clock, metrics, limits, look, read }
}

describe('the rate of a tenant', () => {
  test('allows the requests of two seconds at once, then the rate per second', async () => {
    const { clock, read } = open({ perSecond: 5 })
    for (let index = 0; index < 10; index++) expect(await read()).toBe('read')
    expect(await read('a').catch(() => 'looked at no more')).toBe('looked at no more')
    expect(await read('b')).toBe('read')
    await clock.advance(1_000)
    for (let index = 0; index < 5; index++) expect(await read()).toBe('read')
  })

  test('counts a request without a query as a tenth, and refuses that too in the end', async () => {
    const { look } = open({ perSecond: 5 })
    let passed = 0
    while ((await look()) === 'in') passed++
    expect(passed).toBeWithin(99, 102)
    expect(await look()).toBe('rate, again in 1')
  })

  test('counts a range of very many buckets as more, but not as more than a tenant may spend at once', async () => {
    const [start, years] = [0, 2 * 365 * DAY_MS]
    expect(queryCost({ start, end: 90 * DAY_MS }, 'day')).toBe(1)
    expect(queryCost({ start, end: 7 * DAY_MS }, 'hour')).toBe(1)
    expect(queryCost({ start, end: years }, 'month')).toBe(1)
    expect(queryCost({ start, end: years }, 'hour')).toBe(18)

    const { read } = open({ perSecond: 10 })
    expect(await read('a', 18)).toBe('read')
    expect(await read('a', 18)).toBe('rate, again in 2')
    const slow = open({ perSecond: 1 })
    expect(await slow.read('a', 18)).toBe('read')
    await slow.clock.advance(2_000)
    expect(await slow.read('a', 18)).toBe('read')
  })

  test('counts a large response by its bytes, and a small one not at all', async () => {
    const { clock, limits, read } = open({ perSecond: 10 })
    const left = () => limits.headers('a')['ratelimit']?.split(';')[1]
    limits.chargeResponse('a', 32_767)
    expect(left()).toBe('r=20')
    limits.chargeResponse('a', 5 * 32_768)
    expect(left()).toBe('r=15')
    // A cost above the remaining quota delays further requests by no more than the time that refills the quota twice.
    limits.chargeResponse('a', 25 * 32_768)
    expect(left()).toBe('r=0')
    expect(await limits.admit('a').catch(String)).toContain('Too many requests')
    await clock.advance(1_200)
    expect(await read('a')).toBe('read')
    limits.chargeResponse('a', 1_000 * 32_768)
    await clock.advance(2_200)
    expect(await read('a')).toBe('read')
  })

  test('is described in the header fields of the draft', async () => {
    const { clock, limits, read } = open({ perSecond: 5, atOnce: 3 })
    const policy = '"requests";q=10;w=2, "concurrency";q=3;qu="concurrent-requests"'
    expect(limits.headers('a')).toEqual({ 'ratelimit-policy': policy, ratelimit: '"requests";r=10;t=0' })
    for (let index = 0; index < 6; index++) await read()
    expect(limits.headers('a')).toEqual({ 'ratelimit-policy': policy, ratelimit: '"requests";r=4;t=2' })
    await clock.advance(1_000)
    expect(limits.headers('a')).toEqual({ 'ratelimit-policy': policy, ratelimit: '"requests";r=9;t=1' })
  })

  test('is off at 0, without header fields', async () => {
    const { limits, read } = open()
    for (let index = 0; index < 1_000; index++) expect(await read()).toBe('read')
    expect(limits.headers('a')).toEqual({})
  })
})

describe('the concurrent requests of a tenant', () => {
  const gates = () => {
    const waiting: (() => void)[] = []
    return {
      pass: () => new Promise<string>((resolve) => waiting.push(() => resolve('read'))),
      begun: () => waiting.length,
      async open(index: number) {
        waiting[index]!()
        await settled()
      },
    }
  }

  test('run up to the limit, and further ones wait in their order; other tenants do not wait', async () => {
    const { metrics, read } = open({ atOnce: 2 })
    const { pass, begun, open: finish } = gates()
    const all = Array.from({ length: 5 }, () => read('a', 1, pass))
    await settled()
    expect([begun(), metrics.requestsWaiting.value()]).toEqual([2, 3])
    void read('b', 1, pass)
    await settled()
    expect(begun()).toBe(3)
    await finish(0)
    expect([begun(), metrics.requestsWaiting.value()]).toEqual([4, 2])
    for (const index of [1, 3, 4, 5]) await finish(index)
    expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => 'read'))
    expect(metrics.requestsWaiting.value()).toBe(0)
  })

  test('are refused when they have waited too long, or when too many wait already', async () => {
    const { clock, metrics, read } = open({ atOnce: 1 })
    const { pass, open: finish } = gates()
    const first = read('a', 1, pass)
    const waiting = Array.from({ length: 256 }, () => read('a', 1, pass))
    await settled()
    expect(await read('a', 1, pass)).toBe('concurrency, again in 1')
    await clock.advance(10_000)
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['concurrency, again in 1']))
    await finish(0)
    expect(await first).toBe('read')
    expect(await read()).toBe('read')
    expect([clock.timerCount, metrics.requestsWaiting.value()]).toEqual([0, 0])
  })

  test('with very many buckets run one after the other, and do not delay smaller ones', async () => {
    const { read } = open({ atOnce: 16 })
    const { pass, begun, open: finish } = gates()
    const large = Array.from({ length: 5 }, () => read('a', 18, pass))
    await settled()
    expect(begun()).toBe(1)
    void read('a', 1, pass)
    void read('b', 18, pass)
    await settled()
    expect(begun()).toBe(3)
    await finish(0)
    expect(begun()).toBe(4)
    for (let index = 1; index < 7; index++) await finish(index)
    expect(await Promise.all(large)).toEqual(Array.from({ length: 5 }, () => 'read'))
  })

  test('pass their slot on when they fail', async () => {
    const { read } = open({ atOnce: 1 })
    const failing = read('a', 1, () => Promise.reject(new Error('broken')))
    const next = read()
    expect([await failing, await next]).toEqual(['failed', 'read'])
  })
})

describe('many requests of one tenant', () => {
  test('are paced to a thousand per second; the first of them and other tenants are not slowed', async () => {
    const { clock, limits, look } = open({ atOnce: 16 })
    let seen = 0
    const ask = async (tenant = 'a') => {
      const leave = limits.track(tenant)
      await look(tenant)
      seen++
      return leave
    }
    const crowd = Array.from({ length: 216 }, () => ask())
    await settled()
    expect(seen).toBe(16)
    await ask('b')
    expect(seen).toBe(17)
    await clock.advance(100)
    expect(seen).toBe(117)
    await clock.advance(100)
    expect(seen).toBe(217)
    for (const leave of await Promise.all(crowd)) leave()
    const before = clock.timerCount
    await ask()
    expect([seen, before]).toEqual([218, 0])
  })

  test('control: one request after the other is never slowed', async () => {
    const { clock, limits, look } = open({ atOnce: 1 })
    for (let index = 0; index < 5_000; index++) {
      const leave = limits.track('a')
      expect(await look()).toBe('in')
      leave()
    }
    expect(clock.now()).toBe(0)
  })
})

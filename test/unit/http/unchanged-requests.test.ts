import { describe, expect, test } from 'bun:test'
import type { CounterKey } from '../../../src/http/audit/request-audit-trail.ts'
import { UnchangedRequests } from '../../../src/http/cache/unchanged-requests.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

const ETAG = 'W/"a/1/overview?"'
const LABELS = { route: '/overview', status: '304' }

const poll = (headers: Record<string, string> = {}, method = 'GET', target = '/overview') =>
  new Request(`http://any.host${target}`, {
    method,
    headers: { authorization: 'Bearer token', 'if-none-match': ETAG, ...headers },
  })

function open({ expiresAt = Infinity } = {}) {
  const clock = new ManualClock(10_000)
  let version = '1'
  const tally = { count: 0 }
  const tallies: CounterKey[] = []
  const unchanged = new UnchangedRequests({ of: () => version, load: () => undefined }, clock, createServiceMetrics(), {
    counterFor: (of) => (tallies.push(of), tally),
  })
  unchanged.remember(poll(), { labels: LABELS, etag: ETAG, tenantId: 'a', subject: 's', version }, expiresAt)
  return {
    clock,
    tally,
    tallies,
    remember: (request: Request) =>
      unchanged.remember(request, { labels: LABELS, etag: ETAG, tenantId: 'a', subject: 's', version }, expiresAt),
    status: (request = poll()) => unchanged.respond(request)?.status,
    answer: (request: Request) => unchanged.respond(request),
    move: () => {
      version = '2'
    },
  }
}

describe('polls of what has not changed', () => {
  test('are answered with their own correlation id', () => {
    const answer = open().answer(poll({ 'x-correlation-id': 'mine' }))
    expect([answer?.status, answer?.headers.get('x-correlation-id'), answer?.headers.get('etag')]).toEqual([
      304,
      'mine',
      ETAG,
    ])
  })

  test('are counted for the audit trail, by one addition each', () => {
    const { status, tally, tallies } = open()
    for (let polls = 0; polls < 5; polls++) status()
    expect(tally.count).toBe(5)
    expect(tallies).toEqual([{ tenantId: 'a', subject: 's', route: '/overview', status: 304 }])
  })

  test('are remembered up to a bound of characters, and not at all with an Accept that nobody sends', () => {
    const { status, remember } = open()
    const longAccept = poll({ accept: `text/csv;${'x'.repeat(1_024)}` })
    remember(longAccept)
    expect([status(longAccept), status()]).toEqual([undefined, 304])
    const long = (index: number) => poll({}, 'GET', `/overview?campaignId=${index}${'x'.repeat(9_900)}`)
    // The same again takes no more room.
    for (let times = 0; times < 2_000; times++) remember(long(0))
    expect(status()).toBe(304)
    for (let index = 0; index < 1_600; index++) remember(long(index))
    expect(status()).toBe(304)
    for (let index = 1_600; index < 1_620; index++) remember(long(index))
    expect([status(), status(long(0)), status(long(1_619))]).toEqual([undefined, undefined, 304])
  })

  test('are looked at when anything about them is another', () => {
    const { status } = open()
    expect(status()).toBe(304)
    const others = [
      poll({ authorization: 'Bearer other' }),
      poll({ authorization: '' }),
      poll({ 'x-api-key': 'key' }),
      poll({ authorization: '', 'x-api-key': 'Bearer token' }),
      poll({ 'x-tenant-id': 'b' }),
      poll({ accept: 'text/csv' }),
      poll({ 'if-none-match': 'W/"a/0/overview?"' }),
      poll({}, 'HEAD'),
      poll({}, 'POST'),
      poll({}, 'GET', '/overview?timeRange=30d'),
    ]
    expect(others.map((request) => status(request))).toEqual(others.map(() => undefined))
  })

  test('tell caches of all that decided who asked, and for what', () => {
    expect(open().answer(poll())?.headers.get('vary')).toBe(
      'accept, accept-encoding, authorization, x-api-key, x-tenant-id',
    )
  })

  test('are looked at once the data has moved, a second is over, or the token has expired', async () => {
    const moved = open()
    moved.move()
    expect(moved.status()).toBeUndefined()

    const late = open()
    await late.clock.advance(999)
    expect(late.status()).toBe(304)
    await late.clock.advance(1)
    expect(late.status()).toBeUndefined()

    const expiring = open({ expiresAt: 10_500 })
    await expiring.clock.advance(499)
    expect(expiring.status()).toBe(304)
    await expiring.clock.advance(1)
    expect(expiring.status()).toBeUndefined()
  })
})

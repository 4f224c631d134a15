import { describe, expect, test } from 'bun:test'
import type { Authenticate, Principal } from '../../../../src/http/auth/authenticator.ts'
import { LiveTickets } from '../../../../src/http/live/live-tickets.ts'
import { ROUTES } from '../../../../src/http/routes.ts'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

const principal = (fields: Partial<Principal> = {}): Principal => ({
  tenantId: 't1',
  subject: 'someone',
  scopes: new Set(['analytics:read'] as const),
  expiresAt: Infinity,
  ...fields,
})
const LIVE_PATH = ROUTES.live.path
const CREDENTIALS = new Headers({ authorization: 'Bearer x' })

function tickets(authenticate: Authenticate = () => Promise.resolve(principal())) {
  const clock = new ManualClock(NOW)
  const liveTickets = new LiveTickets(authenticate, clock)
  const redeem = (path: string, headers = {}) =>
    liveTickets.redeem(new URL(`http://service${path}`), new Headers(headers))
  return { clock, tickets: liveTickets, redeem }
}
const refused = expect.objectContaining({ code: 'UNAUTHORIZED' })
const attempt = (task: () => unknown) => {
  try {
    return task()
  } catch (error) {
    return error
  }
}

describe('a live ticket', () => {
  test('is 256 random bits, and authenticates its client once', () => {
    const { tickets: book, redeem } = tickets()
    const { ticket } = book.issue(CREDENTIALS, principal())
    expect(ticket).toMatch(/^[0-9a-f]{64}$/)
    expect(book.issue(CREDENTIALS, principal()).ticket).not.toBe(ticket)
    expect(redeem(`${LIVE_PATH}?ticket=${ticket}`)?.principal.tenantId).toBe('t1')
    expect(attempt(() => redeem(`${LIVE_PATH}?ticket=${ticket}`))).toEqual(refused)
  })

  test('is valid for half a minute, or until its token expires', async () => {
    const { tickets: book, clock, redeem } = tickets()
    const [long, short] = [
      book.issue(CREDENTIALS, principal()),
      book.issue(CREDENTIALS, principal({ expiresAt: NOW + 5_000 })),
    ]
    expect([long.expiresAt, short.expiresAt]).toEqual([NOW + 30_000, NOW + 5_000])
    await clock.advance(5_000)
    expect(attempt(() => redeem(`${LIVE_PATH}/ws?ticket=${short.ticket}`))).toEqual(refused)
    await clock.advance(25_000)
    expect(attempt(() => redeem(`${LIVE_PATH}/ws?ticket=${long.ticket}`))).toEqual(refused)
  })

  test('opens streams only, without other credentials, and is used up by every attempt', () => {
    const { tickets: book, redeem } = tickets()
    const { ticket } = book.issue(CREDENTIALS, principal())
    expect(redeem(`/api/v1/analytics/overview?ticket=${ticket}`)).toBeUndefined()
    expect(redeem(LIVE_PATH)).toBeUndefined()
    for (const [query, headers] of [
      [`ticket=${ticket}`, { authorization: 'Bearer x' }],
      [`ticket=${ticket}`, {}],
    ] as const)
      expect(attempt(() => redeem(`${LIVE_PATH}?${query}`, headers))).toEqual(refused)
    const next = book.issue(CREDENTIALS, principal()).ticket
    expect(attempt(() => redeem(`${LIVE_PATH}?ticket=${next}&ticket=${next}`))).toEqual(refused)
    // An empty ticket counts as none: other credentials of the request decide.
    expect(redeem(`${LIVE_PATH}?ticket=`)).toBeUndefined()
  })

  test('is one of at most a thousand unused tickets of a tenant', async () => {
    const { tickets: book, clock } = tickets()
    for (let index = 0; index < 1_000; index++) book.issue(CREDENTIALS, principal())
    expect(attempt(() => book.issue(CREDENTIALS, principal()))).toMatchObject({ code: 'RATE_LIMITED' })
    book.issue(CREDENTIALS, principal({ tenantId: 't2' }))
    await clock.advance(30_000)
    book.issue(CREDENTIALS, principal())
  })

  test('keeps a stream open as long as the token or key that requested it is valid', async () => {
    let answer: () => Promise<Principal> = () => Promise.resolve(principal())
    const asked: (string | null)[] = []
    const { tickets: book, redeem } = tickets((headers) => {
      asked.push(headers.get('authorization'))
      return answer()
    })
    const authorization = redeem(`${LIVE_PATH}?ticket=${book.issue(CREDENTIALS, principal()).ticket}`)!
    expect(await authorization.isStillAuthorized()).toBe(true)
    answer = () => Promise.reject(new ApiFailure('UNAVAILABLE', 'The keys cannot be fetched.'))
    expect(await authorization.isStillAuthorized()).toBe(true)
    answer = () => Promise.reject(new ApiFailure('UNAUTHORIZED', 'Revoked.'))
    expect(await authorization.isStillAuthorized()).toBe(false)
    answer = () => Promise.resolve(principal({ tenantId: 't2' }))
    expect(await authorization.isStillAuthorized()).toBe(false)
    expect(new Set(asked)).toEqual(new Set(['Bearer x']))
  })
})

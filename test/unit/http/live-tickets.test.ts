import { describe, expect, test } from 'bun:test'
import type { Authenticate, Principal } from '../../../src/http/auth/authenticator.ts'
import { LIVE_PATH, LiveTickets } from '../../../src/http/live/live-tickets.ts'
import { ApiFailure } from '../../../src/base/errors.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

const principal = (fields: Partial<Principal> = {}): Principal => ({
  tenantId: 't1',
  subject: 'someone',
  scopes: new Set(['analytics:read'] as const),
  expiresAt: Infinity,
  ...fields,
})
const asking = (path: string, headers = {}) => new Request(`http://service${path}`, { headers })
const POST = asking(`${LIVE_PATH}/ticket`, { authorization: 'Bearer x' })

function tickets(authenticate: Authenticate = () => Promise.resolve(principal())) {
  const clock = new ManualClock(NOW)
  return { clock, tickets: new LiveTickets(authenticate, clock) }
}
const refused = expect.objectContaining({ code: 'UNAUTHORIZED' })
const attempt = (task: () => unknown) => {
  try {
    return task()
  } catch (error) {
    return error
  }
}

describe('a ticket', () => {
  test('is 256 random bits, and tells who asked for it, once', () => {
    const { tickets: book } = tickets()
    const { ticket } = book.issue(POST, principal())
    expect(ticket).toMatch(/^[0-9a-f]{64}$/)
    expect(book.issue(POST, principal()).ticket).not.toBe(ticket)
    expect(book.redeem(asking(`${LIVE_PATH}?ticket=${ticket}`))?.tenantId).toBe('t1')
    expect(attempt(() => book.redeem(asking(`${LIVE_PATH}?ticket=${ticket}`)))).toEqual(refused)
  })

  test('is good for half a minute, or until its token ends', async () => {
    const { tickets: book, clock } = tickets()
    const [long, short] = [book.issue(POST, principal()), book.issue(POST, principal({ expiresAt: NOW + 5_000 }))]
    expect([long.expiresAt, short.expiresAt]).toEqual([NOW + 30_000, NOW + 5_000])
    await clock.advance(5_000)
    expect(attempt(() => book.redeem(asking(`${LIVE_PATH}/ws?ticket=${short.ticket}`)))).toEqual(refused)
    await clock.advance(25_000)
    expect(attempt(() => book.redeem(asking(`${LIVE_PATH}/ws?ticket=${long.ticket}`)))).toEqual(refused)
  })

  test('opens streams only, alone, and is used up by every try', () => {
    const { tickets: book } = tickets()
    const { ticket } = book.issue(POST, principal())
    expect(book.redeem(asking(`/api/v1/analytics/overview?ticket=${ticket}`))).toBeUndefined()
    expect(book.redeem(asking(LIVE_PATH))).toBeUndefined()
    for (const [query, headers] of [
      [`ticket=${ticket}`, { authorization: 'Bearer x' }],
      [`ticket=${ticket}`, {}],
    ] as const)
      expect(attempt(() => book.redeem(asking(`${LIVE_PATH}?${query}`, headers)))).toEqual(refused)
    const next = book.issue(POST, principal()).ticket
    expect(attempt(() => book.redeem(asking(`${LIVE_PATH}?ticket=${next}&ticket=${next}`)))).toEqual(refused)
    // An empty one is none: what else the request has decides.
    expect(book.redeem(asking(`${LIVE_PATH}?ticket=`))).toBeUndefined()
  })

  test('is one of a thousand that a tenant may have waiting', async () => {
    const { tickets: book, clock } = tickets()
    for (let index = 0; index < 1_000; index++) book.issue(POST, principal())
    expect(attempt(() => book.issue(POST, principal()))).toMatchObject({ code: 'RATE_LIMITED' })
    book.issue(POST, principal({ tenantId: 't2' }))
    await clock.advance(30_000)
    book.issue(POST, principal())
  })

  test('lets a stream go on for as long as the token or key that asked for it', async () => {
    let answer: () => Promise<Principal> = () => Promise.resolve(principal())
    const asked: (string | null)[] = []
    const { tickets: book } = tickets((headers) => {
      asked.push(headers.get('authorization'))
      return answer()
    })
    const request = asking(`${LIVE_PATH}?ticket=${book.issue(POST, principal()).ticket}`)
    const grant = book.authorizationOf(request, book.redeem(request)!)
    expect(await grant.isStillAuthorized()).toBe(true)
    answer = () => Promise.reject(new ApiFailure('UNAVAILABLE', 'The keys cannot be fetched.'))
    expect(await grant.isStillAuthorized()).toBe(true)
    answer = () => Promise.reject(new ApiFailure('UNAUTHORIZED', 'Revoked.'))
    expect(await grant.isStillAuthorized()).toBe(false)
    answer = () => Promise.resolve(principal({ tenantId: 't2' }))
    expect(await grant.isStillAuthorized()).toBe(false)
    expect(new Set(asked)).toEqual(new Set(['Bearer x']))
  })
})

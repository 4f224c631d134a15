import { describe, expect, test } from 'bun:test'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import type { Principal } from '../../../../src/http/auth/authenticator.ts'
import type { Scope } from '../../../../src/http/auth/scopes.ts'
import { RecentEntityTags } from '../../../../src/http/cache/recent-entity-tags.ts'
import { type AuthenticatedContext, createRequestContext } from '../../../../src/http/pipeline/request-context.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

const ETAG = 'W/"a/1/overview?"'
const ROUTE = '/api/v1/analytics/overview'

interface PollOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly target?: string
  readonly tenantId?: string
  readonly scopes?: readonly Scope[]
  readonly isPathRewritten?: boolean
}

function open() {
  const clock = new ManualClock(10_000)
  let version = '1'
  const entityTags = new RecentEntityTags({
    versions: { of: () => version, load: () => undefined },
    clock,
    metrics: createServiceMetrics(),
    limits: { headers: () => ({ ratelimit: '"requests";r=1;t=0' }) },
  })
  const poll = ({
    headers = {},
    method = 'GET',
    target = ROUTE,
    tenantId = 'a',
    scopes = ['analytics:read'],
    isPathRewritten = false,
  }: PollOptions = {}): AuthenticatedContext => {
    const request = new Request(`http://any.host${target}`, { method, headers: { 'if-none-match': ETAG, ...headers } })
    const principal: Principal = { tenantId, subject: 's', scopes: new Set(scopes), expiresAt: Infinity }
    const context = createRequestContext(request, { clock, clientAddress: '192.0.2.1', isPathRewritten })
    return { ...context, principal }
  }
  const remember = (context: AuthenticatedContext) =>
    entityTags.remember({ ...context, route: ROUTE }, { etag: ETAG, version, scope: 'analytics:read' })
  remember(poll())
  return {
    clock,
    poll,
    remember,
    respond: (context: AuthenticatedContext) => entityTags.respond(context),
    status: (context = poll()) => entityTags.respond(context)?.status,
    storeEvent: () => {
      version = '2'
    },
  }
}

describe('a poll of a dashboard that has not changed', () => {
  test('gets a 304 with the headers of the limits', () => {
    const { poll, respond } = open()
    const context = poll()
    const response = respond(context)
    expect([response?.status, response?.headers.get('etag')]).toEqual([304, ETAG])
    expect(response?.headers.get('ratelimit')).toBe('"requests";r=1;t=0')
    expect(context.route).toBe(ROUTE)
  })

  test('names in Vary all headers that select the response', () => {
    const { poll, respond } = open()
    expect(respond(poll())?.headers.get('vary')).toBe('accept, accept-encoding, authorization, x-api-key, x-tenant-id')
  })

  test('reaches the route when anything that selects the response is different', () => {
    const { poll, status } = open()
    expect(status()).toBe(304)
    const others = [
      poll({ tenantId: 'b' }),
      poll({ scopes: ['analytics:export'] }),
      poll({ headers: { accept: 'text/csv' } }),
      poll({ headers: { 'if-none-match': 'W/"a/0/overview?"' } }),
      poll({ method: 'HEAD' }),
      poll({ method: 'POST' }),
      poll({ target: `${ROUTE}?timeRange=30d` }),
      poll({ isPathRewritten: true }),
    ]
    expect(others.map((context) => status(context))).toEqual(others.map(() => undefined))
  })

  test('reaches the route when it was not authenticated', () => {
    const { poll, status } = open()
    expect(status({ ...poll(), principal: undefined } as never)).toBeUndefined()
  })

  test('reaches the route when the data has changed, and after a second', async () => {
    const changed = open()
    changed.storeEvent()
    expect(changed.status()).toBeUndefined()

    const late = open()
    await late.clock.advance(999)
    expect(late.status()).toBe(304)
    await late.clock.advance(1)
    expect(late.status()).toBeUndefined()
  })

  test('is remembered up to a total of characters, and not with an Accept longer than any browser sends', () => {
    const { poll, remember, status } = open()
    const longAccept = poll({ headers: { accept: `text/csv;${'x'.repeat(1_024)}` } })
    remember(longAccept)
    expect([status(longAccept), status()]).toEqual([undefined, 304])
    const long = (index: number) => poll({ target: `${ROUTE}?campaignId=${index}${'x'.repeat(9_900)}` })
    // Adding the same entry again uses no additional space.
    for (let times = 0; times < 2_000; times++) remember(long(0))
    expect(status()).toBe(304)
    for (let index = 0; index < 1_600; index++) remember(long(index))
    expect(status()).toBe(304)
    for (let index = 1_600; index < 1_620; index++) remember(long(index))
    expect([status(), status(long(0)), status(long(1_619))]).toEqual([undefined, undefined, 304])
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { type Claims, token } from '../../support/http/tokens.ts'

const OVERVIEW = '/api/v1/analytics/overview'

/** Tokens with the claim `tenantIds`. Tenant a has one message, b has two, c has three. */
describe('a token for several tenants', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
    const messages = ['a', 'b', 'b', 'c', 'c', 'c'].map((tenantId, index) => {
      const data = { messageId: `m-${index}`, channel: 'email' }
      return ['pipeline.message.sent', { tenantId, timestamp: new Date().toISOString(), data }] as const
    })
    await app.store(messages)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = (claims: Claims, headers: Record<string, string> = {}) =>
    app.get(OVERVIEW, { authorization: `Bearer ${token(app.secret, claims)}`, headers })
  /** The number of messages in the response, or the status of the refusal. */
  const sentOf = async (claims: Claims, chosen?: string) => {
    const { status, body } = await ask(claims, chosen === undefined ? {} : { 'x-tenant-id': chosen })
    if (status !== 200) return status
    const data = body?.data as { summary: { totalMessagesSent: number } } | undefined
    return data?.summary.totalMessagesSent
  }

  const many = Array.from({ length: 100 }, (_, index) => `t-${index}`)
  const chosen: readonly (readonly [string, Claims, string | undefined, number])[] = [
    ['one of two', { tenantIds: ['a', 'b'] }, 'a', 1],
    ['the other of two', { tenantIds: ['a', 'b'] }, 'b', 2],
    ['the only one', { tenantIds: ['c'] }, 'c', 3],
    ['one of a hundred', { tenantIds: [...many.slice(1), 'b'] }, 'b', 2],
    ['one of a list beside another tenantId', { tenantId: 'c', tenantIds: ['a'] }, 'a', 1],
  ]
  test.each(chosen)('shows the data of %s', async (_, claims, tenant, sent) => {
    expect(await sentOf(claims, tenant)).toBe(sent)
  })

  const refused: readonly (readonly [string, Claims, string | undefined])[] = [
    ['no tenant is selected', { tenantIds: ['a', 'b'] }, undefined],
    ['no tenant is selected, though there is only one', { tenantIds: ['a'] }, undefined],
    ['another tenant is selected', { tenantIds: ['a', 'b'] }, 'c'],
    ['an empty tenant is selected', { tenantIds: ['a', 'b'] }, ''],
    ['two tenants are selected', { tenantIds: ['a', 'b'] }, 'a, b'],
    ['a tenant is selected in another case', { tenantIds: ['a', 'b'] }, 'A'],
    ['the tenant of the claim tenantId alone is selected', { tenantId: 'c', tenantIds: ['a'] }, 'c'],
  ]
  test.each(refused)('gets 403 FORBIDDEN when %s', async (_, claims, tenant) => {
    const { status, body } = await ask(claims, tenant === undefined ? {} : { 'x-tenant-id': tenant })
    expect([status, body?.error?.code]).toEqual([403, 'FORBIDDEN'])
  })

  test.each([[[]], [[...many, 'a']], ['a'], [{ 0: 'a' }], [['a', 7]], [['a', "b'"]], [['a', ['b']]], [null]])(
    'whose claim is no list of 1 to 100 tenants (%j) gets 401, whichever tenant is selected',
    async (tenantIds) => {
      expect(await sentOf({ tenantIds }, 'a')).toBe(401)
      expect(await sentOf({ tenantId: 'a', tenantIds }, 'a')).toBe(401)
    },
  )

  test('with an invalid tenantId gets 401', async () => {
    expect(await sentOf({ tenantId: "a'", tenantIds: ['a'] }, 'a')).toBe(401)
  })

  test('is required for x-tenant-id: a token of one tenant ignores the header', async () => {
    for (const tenant of ['a', 'b', 'nobody', ''])
      expect([tenant, await sentOf({ tenantId: 'a' }, tenant)]).toEqual([tenant, 1])
  })

  test('never gets 304 for one tenant by the ETag of another', async () => {
    const claims = { tenantIds: ['a', 'b'] }
    const get = (tenant: string, etag?: string) =>
      ask(claims, { 'x-tenant-id': tenant, ...(etag === undefined ? {} : { 'if-none-match': etag }) })
    const first = await get('a')
    const etag = first.headers.get('etag')!
    expect(first.headers.get('vary')).toBe('accept, accept-encoding, authorization, x-api-key, x-tenant-id')
    expect((await get('a', etag)).status).toBe(304)
    expect((await get('a', etag)).status).toBe(304)
    expect((await get('b', etag)).status).toBe(200)
    expect((await get('c', etag)).status).toBe(403)
    expect((await ask(claims, { 'if-none-match': etag })).status).toBe(403)
  })
})

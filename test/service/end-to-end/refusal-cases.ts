import { describe, expect, test } from 'bun:test'
import { token } from '../../support/http/tokens.ts'
import type { ServiceFixture } from '../../support/process/service-fixture.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'

const ROOT = '/api/v1/analytics'

/** An address with mistakes, and the parameters of which the response must name one. */
const MISTAKES: readonly (readonly [address: string, ...parameters: string[]])[] = [
  ['overview?timeRange=8d', 'timeRange'],
  ['overview?timeRange=', 'timeRange'],
  ['overview?timezone=Mars/Base', 'timezone'],
  ["overview?timezone=UTC'", 'timezone'],
  ['overview?channel=email', 'channel'],
  ['overview?bogus=1', 'bogus'],
  ['overview?tenantId=tenant-2', 'tenantId'],
  ['overview?endDate=2026-01-01', 'endDate', 'startDate'],
  ['overview?startDate=2026-02-01&endDate=2026-01-01', 'startDate', 'endDate'],
  ['overview?startDate=2023-01-01&endDate=2026-01-01', 'startDate', 'endDate'],
  ['overview?startDate=yesterday', 'startDate'],
  ['overview?startDate=2026-02-30', 'startDate'],
  ['overview?startDate=2026-01-01&endDate=2026-01-01T25:00:00Z', 'endDate'],
  ['messages?granularity=minute', 'granularity'],
  ['messages?channel=fax', 'channel'],
  ['campaigns?granularity=day', 'granularity'],
  ['campaigns?limit=0', 'limit'],
  ['campaigns?limit=1001', 'limit'],
  ['workflows?limit=1.5', 'limit'],
  ['workflows?campaignId=c', 'campaignId'],
  ['sequences?limit=ten', 'limit'],
  ['templates?minUsage=-1', 'minUsage'],
  ['templates?minUsage=many', 'minUsage'],
  ['traffic?granularity=month', 'granularity'],
]

export function describeRefusals(fixture: () => ServiceFixture): void {
  const get = (path: string, request = {}) => fixture().service().get(path, request)

  describe('refusals', () => {
    for (const [address, ...parameters] of MISTAKES) {
      test(`${address} gets 400 with the name of the parameter`, async () => {
        const answer = await get(`${ROOT}/${address}`)
        expect([answer.status, answer.body?.success, answer.body?.error?.code]).toEqual([
          400,
          false,
          'VALIDATION_ERROR',
        ])
        const named = answer.body?.error?.details?.map((detail) => detail.path) ?? []
        expect(named.filter((path) => parameters.includes(path))).not.toEqual([])
      })
    }

    test('every invalid token gets the same 401', async () => {
      const { secret } = fixture().service()
      const nowS = Math.floor(Date.now() / 1000)
      const good = token(secret, { tenantId: 'tenant-1' })
      const [head = '', payload = '', signature = ''] = good.split('.')
      const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
      const proofless = [
        '',
        'Basic YTpi',
        'Bearer',
        'Bearer x.y.z',
        `Bearer ${head}.${payload}.${signature.slice(0, -4)}AAAA`,
        `Bearer ${unsigned}.${payload}.`,
        `Bearer ${token(`${secret}x`, { tenantId: 'tenant-1' })}`,
        `Bearer ${token(secret, { tenantId: 'tenant-1' }, { alg: 'RS256' })}`,
        `Bearer ${token(secret, { tenantId: 'tenant-1', exp: nowS - 3600 })}`,
        `Bearer ${token(secret, { tenantId: 'tenant-1', nbf: nowS + 3600 })}`,
        `Bearer ${token(secret, { tenantId: 'tenant-1', exp: undefined })}`,
        `Bearer ${token(secret, {})}`,
        `Bearer ${token(secret, { tenantId: ['tenant-1'] })}`,
      ]
      const bodies = new Set<string>()
      for (const authorization of proofless) {
        const answer = await get(`${ROOT}/overview`, { authorization })
        expect([authorization, answer.status, answer.body?.error?.code]).toEqual([authorization, 401, 'UNAUTHORIZED'])
        bodies.add(JSON.stringify({ success: answer.body?.success, error: answer.body?.error }))
      }
      expect(bodies.size).toBe(1)
    })

    test('a token with scopes needs the scope to read', async () => {
      const scoped = async (scope: string) => (await get(`${ROOT}/overview`, { claims: { scope } })).status
      expect(await scoped('analytics:write profile')).toBe(403)
      expect(await scoped('profile analytics:read')).toBe(200)
    })

    test('an unknown path gets 404, an unknown method 405', async () => {
      const missing = await get(`${ROOT}/nothing`)
      expect([missing.status, missing.body?.success, missing.body?.error?.code]).toEqual([404, false, 'NOT_FOUND'])
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const wrong = await get(`${ROOT}/overview`, { method })
        expect([method, wrong.status, wrong.body?.success]).toEqual([method, 405, false])
      }
    })

    test('a valid correlation id is returned in header and body, another is replaced', async () => {
      const own = await get(`${ROOT}/overview?timezone=Asia/Kolkata`, { headers: { 'x-correlation-id': 'request-42' } })
      expect(own.headers.get('x-correlation-id')).toBe('request-42')
      expect(own.body?.meta).toMatchObject({ correlationId: 'request-42', timezone: 'Asia/Kolkata' })
      expect(own.body?.meta?.asOf).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
      const odd = await get(`${ROOT}/overview?limit=1`, { headers: { 'x-correlation-id': '<script>"x"</script>' } })
      expect(odd.headers.get('x-correlation-id')).not.toContain('<')
      expect(odd.headers.get('x-correlation-id')).toBe(odd.body?.meta?.correlationId ?? 'missing')
    })

    test('health checks, metrics and the API docs need no token; the API docs load nothing from another host', async () => {
      for (const path of ['/health/live', '/health/ready', '/metrics']) {
        expect([path, (await get(path, { authorization: '' })).status]).toEqual([path, 200])
      }
      const page = await get('/docs', { authorization: '' })
      expect(page.status).toBe(200)
      expect(page.text).not.toMatch(/(src|href)=["']?(https?:)?\/\//)
      const description = await get('/docs/json', { authorization: '' })
      const { paths } = JSON.parse(description.text) as { readonly paths: Record<string, { readonly get?: object }> }
      for (const dashboard of dashboardNames) {
        expect(paths[`${ROOT}/${dashboard}`]?.get).toBeDefined()
      }
    })
  })
}

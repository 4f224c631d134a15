import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../support/app/test-app.ts'

const ROOT = '/api/v1/analytics'

describe('conditional requests', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
  }, 60_000)
  afterAll(() => app.close(), 30_000)

  const ask = (path: string, tenant: string, etag?: string) =>
    app.get(`${ROOT}${path}`, {
      tenant,
      ...(etag === undefined ? {} : { headers: { 'if-none-match': etag } }),
    })
  const etagOf = async (path: string, tenant: string) => (await ask(path, tenant)).headers.get('etag') ?? ''
  /** The number of responses so far by their source. */
  const answersFrom = async (from: string) => {
    const { text } = await app.get('/metrics')
    return Number(new RegExp(`analytics_dashboard_responses_total\\{source="${from}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  }
  const store = async (tenantId: string) => {
    const data = { messageId: crypto.randomUUID(), channel: 'email' }
    await app.store([['pipeline.message.sent', { tenantId, timestamp: new Date().toISOString(), data }]])
  }

  test('get 304 without a body and without a query while no event was stored', async () => {
    const etag = await etagOf('/overview', 'a')
    expect(etag).toStartWith('W/"')
    const reads = await answersFrom('store')
    for (const sent of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const { status, text, headers } = await ask('/overview', 'a', sent)
      expect([sent, status, text, headers.get('etag')]).toEqual([sent, 304, '', etag])
      expect(headers.get('x-correlation-id')).toBeTruthy()
    }
    expect(await answersFrom('store')).toBe(reads)
    expect((await ask('/overview', 'a', '"other"')).status).toBe(200)
  })

  test('get the new response as soon as an event of their tenant is stored, and only then', async () => {
    const [a, b] = [await etagOf('/messages', 'a'), await etagOf('/messages', 'b')]
    await store('a')
    expect((await ask('/messages', 'a', a)).status).toBe(200)
    expect((await ask('/messages', 'b', b)).status).toBe(304)
  })

  test('get 200 for another query, time zone or tenant', async () => {
    const etag = await etagOf('/messages?channel=email', 'c')
    for (const [path, tenant] of [
      ['/messages?channel=sms', 'c'],
      ['/messages', 'c'],
      ['/messages?channel=email&timezone=Asia/Tokyo', 'c'],
      ['/messages?channel=email&timeRange=30d', 'c'],
      ['/messages?channel=email', 'd'],
    ] as const)
      expect([path, tenant, (await ask(path, tenant, etag)).status]).toEqual([path, tenant, 200])
    expect((await ask('/messages?timeRange=7d&channel=email', 'c', etag)).status).toBe(304)
  })

  test('a repeated query is answered from the cache, with the time at which the numbers were read', async () => {
    const first = await ask('/templates', 'e')
    const hits = await answersFrom('cache')
    const second = await ask('/templates', 'e')
    expect(await answersFrom('cache')).toBe(hits + 1)
    expect(second.body?.data).toEqual(first.body?.data)
    expect(second.body?.meta?.asOf).toBe(first.body?.meta?.asOf ?? '')
    expect(second.body?.meta?.correlationId).not.toBe(first.body?.meta?.correlationId)
  })

  test('an invalid request is not cached and its response has no ETag', async () => {
    const { status, headers } = await ask('/overview?timeRange=2d', 'a', '*')
    expect([status, headers.get('etag'), headers.get('cache-control')]).toEqual([400, null, 'private, no-store'])
  })
})

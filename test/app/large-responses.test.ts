import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { buildPage } from '../../src/host/bun/build-page.ts'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { askForFile } from '../support/http/file-request.ts'
import { token } from '../support/http/tokens.ts'

const ROOT = '/api/v1/analytics'
/** The longest series of hours that the cache keeps as one response. */
const LONG = 'granularity=hour&startDate=2026-02-01&endDate=2026-11-28'
const MONTHS = 'granularity=hour&startDate=2026-06-01&endDate=2026-11-28'
const SCRIPT = '/docs/assets/swagger-ui-bundle.js'

describe('large responses', () => {
  let app: TestApp
  beforeAll(async () => {
    await buildPage()
    app = await openApp()
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  /** Compressed, as received. */
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const authorization = `Bearer ${token(app.secret, { tenantId: 'a' })}`
    const response = await app.fetch(app.baseUrl + path, { method, headers: { authorization, ...headers } })
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  const decoded = (bytes: Uint8Array, encoding: string | null) =>
    (encoding === 'br'
      ? brotliDecompressSync(bytes)
      : encoding === 'gzip'
        ? gunzipSync(bytes)
        : Buffer.from(bytes)
    ).toString()

  test.each([
    [`${ROOT}/messages?${LONG}`, 'gzip'],
    [`${ROOT}/messages?${LONG}&format=csv`, 'gzip'],
    ['/docs/json', 'gzip'],
    ['/docs/events.json', 'gzip'],
    ['/metrics', 'gzip'],
    [SCRIPT, 'br'],
    ['/docs/assets/swagger-ui.css', 'br'],
    ['/dashboard', 'br'],
  ])('%s is compressed for clients that accept it', async (path, encoding) => {
    // The first request of a kind adds its series to the metrics after its response.
    await ask(path)
    await new Promise(setImmediate)
    const compressed = await ask(path, { 'accept-encoding': 'gzip, deflate, br' })
    const whole = await ask(path, { 'accept-encoding': 'identity' })
    expect(compressed.headers.get('content-encoding')).toBe(encoding)
    expect(whole.headers.get('content-encoding')).toBeNull()
    for (const { headers } of [compressed, whole]) expect(headers.get('vary')).toContain('accept-encoding')
    const texts = [decoded(compressed.bytes, encoding), decoded(whole.bytes, null)].map((text) =>
      // Different values in each request.
      path === '/metrics' ? text.replaceAll(/ [\d.e+-]+$/gm, '') : text.replace(/"correlationId":"[^"]*"/, ''),
    )
    expect(texts[0]).toBe(texts[1])
    expect(compressed.bytes.length).toBeLessThan(whole.bytes.length / 1.5)
    const head = await ask(path, { 'accept-encoding': 'gzip' }, 'HEAD')
    expect([head.status, head.bytes.length]).toEqual([200, 0])
  })

  test('are not compressed when they are small or already compressed', async () => {
    const accepting = { 'accept-encoding': 'gzip, br' }
    for (const path of ['/health/live', `${ROOT}/overview`, `${ROOT}/messages?${LONG}&format=xlsx`, '/'])
      expect([path, (await ask(path, accepting)).headers.get('content-encoding')]).toEqual([path, null])
  })

  test.each([SCRIPT, '/docs/json', '/dashboard', `${ROOT}/messages?${LONG}`])(
    '%s is not sent again to a client that has it',
    async (path) => {
      const { headers } = await ask(path, { 'accept-encoding': 'gzip' })
      const etag = headers.get('etag') ?? ''
      for (const accepted of ['gzip', 'br', 'identity']) {
        const again = await ask(path, { 'accept-encoding': accepted, 'if-none-match': etag })
        expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, etag])
      }
      expect((await ask(path, { 'if-none-match': 'W/"another"' })).status).toBe(200)
    },
  )

  test('the assets of the API docs are cacheable for ever by their versioned address, and for an hour by any other', async () => {
    const page = new TextDecoder().decode((await ask('/docs')).bytes)
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*\?v=[^"]*)"/g)].map(([, address]) => address!)
    expect(addresses.length).toBe(5)
    for (const address of addresses) {
      const { pathname, search } = new URL(address, 'http://service/docs')
      const { headers } = await ask(pathname + search)
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    }
    for (const address of [SCRIPT, `${SCRIPT}?v=another`])
      expect((await ask(address)).headers.get('cache-control')).toBe('public, max-age=3600')
  })

  test('exports are written one at a time per tenant: too many of one tenant are refused, those of others are not', async () => {
    const file = (index: number, tenantId: string) =>
      askForFile(app, `/messages?${MONTHS}T12:00:${10 + index}Z&format=xlsx`, {}, { tenantId })
    const crowd = Array.from({ length: 40 }, (_, index) => file(index, 'crowd'))
    const other = await file(1, 'other')
    expect(other.status).toBe(200)
    const answers = await Promise.all(crowd)
    const refused = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(40)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true)
    expect((await file(20, 'crowd')).status).toBe(200)
  }, 60_000)
})

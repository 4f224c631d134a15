import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { askForFile } from '../../support/http/file-request.ts'
import type { Claims } from '../../support/http/tokens.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Authorisation, format and file name of an export. exports.test.ts tests the contents. */
describe('a request for an export', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = (path: string, headers: Record<string, string> = {}, claims: Claims = {}, method = 'GET') =>
    askForFile(app, path, headers, claims, method)
  const codeOf = (text: string) => (JSON.parse(text) as { error?: { code: string } }).error?.code

  test('selects the format by its parameter, else by the Accept header, else JSON', async () => {
    const typeOf = async (query: string, accept: string) =>
      (await ask(`/overview${query}`, { accept })).headers.get('content-type')
    expect(await typeOf('', 'text/csv')).toBe('text/csv; charset=utf-8')
    expect(await typeOf('', `text/csv;q=0.5, ${XLSX}`)).toBe(XLSX)
    expect(await typeOf('?format=xlsx', 'text/csv')).toBe(XLSX)
    for (const accept of ['*/*', 'image/png', 'application/json', 'text/html, */*;q=0.8'])
      expect([accept, await typeOf('', accept)]).toEqual([accept, 'application/json; charset=utf-8'])
    expect(await typeOf('?format=json', 'text/csv')).toBe('application/json; charset=utf-8')
  })

  test('gets a file name of the dashboard and the days of the range in its time zone, also for HEAD', async () => {
    // 2026-01-01 to 2026-01-31 in that zone; UTC starts on the day before.
    const range = 'startDate=2026-01-01&endDate=2026-01-31&timezone=Asia/Tokyo'
    const names = [
      ['csv', 'outreach-campaigns-2026-01-01-2026-01-31.csv'],
      ['csv&table=summary', 'outreach-campaigns-summary-2026-01-01-2026-01-31.csv'],
      ['xlsx', 'outreach-campaigns-2026-01-01-2026-01-31.xlsx'],
    ] as const
    for (const [format, name] of names)
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, bytes } = await ask(`/campaigns?${range}&format=${format}`, {}, {}, method)
        expect([status, headers.get('content-disposition')]).toEqual([200, `attachment; filename="${name}"`])
        expect(headers.get('vary')).toBe('accept, accept-encoding, authorization, x-api-key, x-tenant-id')
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(bytes.length > 0).toBe(method === 'GET')
      }
  })

  test('gets 304 for the ETag of its own format only', async () => {
    const forms = [
      ['/overview', {}],
      ['/overview', { accept: 'text/csv' }],
      ['/overview?format=xlsx', {}],
      ['/overview?format=csv&table=summary', {}],
    ] as const
    const etags = await Promise.all(
      forms.map(async ([path, headers]) => (await ask(path, headers)).headers.get('etag')!),
    )
    expect(new Set(etags).size).toBe(forms.length)
    // Requested twice: the second response uses the result of the first.
    for (const round of [1, 2])
      for (const [path, headers] of forms)
        for (const etag of etags) {
          const { status } = await ask(path, { ...headers, 'if-none-match': etag })
          const own = etags[forms.findIndex((form) => form[0] === path && form[1] === headers)]
          expect([round, path, headers, etag, status]).toEqual([round, path, headers, etag, etag === own ? 304 : 200])
        }
  })

  test('is served from a cached response without a query', async () => {
    const read = async () =>
      /analytics_dashboard_responses_total\{source="store"\} (\d+)/.exec((await app.get('/metrics')).text)?.[1]
    await ask('/traffic?timeRange=30d')
    const before = await read()
    for (const format of ['csv', 'xlsx'])
      expect((await ask(`/traffic?timeRange=30d&format=${format}`)).status).toBe(200)
    expect(await read()).toBe(before)
  })

  test.each([
    [undefined, 200, 200],
    ['analytics:read', 200, 403],
    ['analytics:export', 403, 200],
    ['analytics:read analytics:export', 200, 200],
    ['analytics:admin', 200, 200],
    ['another:scope', 403, 403],
    ['', 403, 403],
  ])('with the scope %p: JSON %i, files %i', async (scope, reading, exporting) => {
    const claims = scope === undefined ? {} : { scope }
    expect((await ask('/overview', {}, claims)).status).toBe(reading)
    for (const [path, accept] of [
      ['/overview?format=csv', '*/*'],
      ['/overview?format=xlsx', '*/*'],
      ['/overview', 'text/csv'],
    ] as const)
      expect([path, (await ask(path, { accept }, claims)).status]).toEqual([path, exporting])
  })

  test('is refused in JSON', async () => {
    const accept = { accept: 'text/csv' }
    const refusals = [
      [await ask('/overview?format=pdf', accept), 400, 'VALIDATION_ERROR'],
      [await ask('/overview?timeRange=2d&format=xlsx'), 400, 'VALIDATION_ERROR'],
      [await ask('/overview', { ...accept, authorization: 'Bearer x' }), 401, 'UNAUTHORIZED'],
      [await ask('/overview', accept, { scope: 'analytics:read' }), 403, 'FORBIDDEN'],
    ] as const
    for (const [{ status, headers, text }, expected, code] of refusals) {
      expect([status, codeOf(text)]).toEqual([expected, code])
      expect(headers.get('content-type')).toStartWith('application/json')
      expect([headers.get('content-disposition'), headers.get('etag')]).toEqual([null, null])
    }
  })
})

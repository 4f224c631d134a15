import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { parseCsv } from '../../support/http/csv.ts'
import { type Claims, token } from '../../support/http/tokens.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const CAMPAIGNS = 3
const QUERY = {
  metrics: ['sent', 'openRate'],
  dimensions: ['campaign', 'channel'],
  timeRange: '7d',
  compare: 'previous',
  totals: true,
}

describe('the file of a query', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    const events = Array.from({ length: CAMPAIGNS }, (_, index) => {
      const timestamp = new Date(NOW - DAY_MS).toISOString()
      const named = { campaignId: `c-${index}`, campaignName: `=Sale ${index}` }
      const messages = Array.from({ length: index + 1 }, (__, count) => `m-${index}-${count}`)
      return messages.flatMap((messageId) =>
        ['sent', 'delivered', 'opened'].map(
          (kind) =>
            [
              `pipeline.message.${kind}`,
              { tenantId: 'a', timestamp, data: { messageId, channel: index > 0 ? 'email' : undefined, ...named } },
            ] as const,
        ),
      )
    })
    await app.store(events.flat())
  }, 120_000)
  afterAll(() => app?.close(), 30_000)

  const ask = async (path: string, body: object, claims: Claims = {}, headers: Record<string, string> = {}) => {
    const response = await app.fetch(`http://localhost/api/v1/analytics/query${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token(app.secret, { tenantId: 'a', ...claims })}`,
        ...headers,
      },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
  }

  test('holds every row of the answer, whatever page is requested, with ids, names and older values', async () => {
    const { text, headers } = await ask('?format=csv', { ...QUERY, limit: 1 })
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="outreach-query-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv"$/,
    )
    const [heading, ...rows] = parseCsv(text)
    expect(heading).toEqual([
      'campaignId',
      'campaign',
      'channel',
      'sent',
      'previousSent',
      'openRate',
      'previousOpenRate',
    ])
    expect(rows).toEqual([
      ['c-2', "'=Sale 2", 'email', '3', '0', '100', '0'],
      ['c-1', "'=Sale 1", 'email', '2', '0', '100', '0'],
      ['c-0', "'=Sale 0", '', '1', '0', '100', '0'],
    ])
    const german = await ask('?format=csv&delimiter=semicolon&decimal=comma', QUERY)
    expect(german.text.split('\r\n')[1]).toStartWith('c-2;')
  })

  test('is a workbook of the rows, the totals and the query', async () => {
    const { bytes, status, text } = await ask('?format=xlsx', { ...QUERY, granularity: 'day' })
    if (status !== 200) throw new Error(text)
    const namesOf = (workbook: Uint8Array) => readWorkbook(workbook).map(({ name }) => name)
    expect(namesOf(bytes)).toEqual(['rows', 'totals', 'about'])
    expect(readWorkbook(bytes)[1]!.rows[1]).toEqual([6, 0, 100, 0])
    const { bytes: plain } = await ask('', QUERY, {}, { accept: MEDIA_TYPE })
    expect(namesOf(plain)).toEqual(['rows', 'totals', 'about'])
  })

  test('needs the scope for exports too, and has an entity tag of its own', async () => {
    expect((await ask('?format=csv', QUERY, { scope: 'analytics:read' })).status).toBe(403)
    expect((await ask('?format=csv', QUERY, { scope: 'analytics:read analytics:export' })).status).toBe(200)
    // A comparison with an unfinished range is another answer every few seconds.
    const whole = { ...QUERY, compare: 'none' }
    const [json, csv] = await Promise.all(['', '?format=csv'].map((path) => ask(path, whole)))
    const etag = csv!.headers.get('etag')!
    expect(etag).not.toBe(json!.headers.get('etag'))
    expect((await ask('?format=csv', whole, {}, { 'if-none-match': etag })).status).toBe(304)
    const wrong = await ask('?format=pdf', QUERY)
    expect([wrong.status, wrong.text.includes('format')]).toEqual([400, true])
  })
})

const MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

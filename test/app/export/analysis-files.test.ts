import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { parseCsv } from '../../support/http/csv.ts'
import { type Claims, token } from '../../support/http/tokens.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const RANGE = { timeRange: '7d', timezone: 'UTC' }
const FUNNEL = {
  entity: 'message',
  steps: [{ event: 'message_sent', name: '=Sent' }, { event: 'message_opened' }],
  order: 'ordered',
  window: '7d',
  breakdown: { dimension: 'channel', of: 'entry' },
  trend: 'day',
  ...RANGE,
}
const COHORTS = {
  kind: 'retention',
  start: { event: 'message_sent' },
  return: { event: 'message_opened' },
  counting: 'on',
  mode: 'firstTime',
  cohort: 'month',
  periods: 1,
  ...RANGE,
}

describe('the file', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
    const timestamp = new Date(NOW - DAY_MS).toISOString()
    const event = (kind: string, messageId: string) =>
      [
        `pipeline.message.${kind}`,
        { tenantId: 'a', timestamp, data: { messageId, channel: 'email', contactId: `c-${messageId}` } },
      ] as const
    await app.store([event('sent', 'm-1'), event('sent', 'm-2'), event('opened', 'm-1')])
  }, 120_000)
  afterAll(() => app?.close(), 30_000)

  const ask = async (path: string, body: object, claims: Claims = {}) => {
    const response = await app.fetch(`http://localhost/api/v1/analytics/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token(app.secret, { tenantId: 'a', ...claims })}`,
      },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
  }

  test('of a funnel has a row for each step, and its texts cannot be formulas', async () => {
    const { text, headers } = await ask('funnels?format=csv', FUNNEL)
    expect(headers.get('content-disposition')).toMatch(/filename="outreach-funnel-[\d-]+\.csv"$/)
    const [heading, ...rows] = parseCsv(text)
    expect(heading).toEqual([
      'step',
      'name',
      'event',
      'count',
      'conversionFromFirst',
      'conversionFromPrevious',
      'droppedOff',
      'medianSeconds',
      'p90Seconds',
    ])
    expect(rows).toEqual([
      ['1', "'=Sent", 'message_sent', '2', '100', '', '0', '', ''],
      ['2', 'message_opened', 'message_opened', '1', '50', '50', '1', '0', '0'],
    ])
  })

  test('of a funnel has its totals, its breakdown and its trend in a workbook', async () => {
    const { bytes } = await ask('funnels?format=xlsx', FUNNEL)
    const sheets = readWorkbook(bytes)
    expect(sheets.map(({ name }) => name)).toEqual(['steps', 'totals', 'breakdown', 'trend', 'about'])
    expect(sheets[2]!.rows[1]).toEqual(['email', 2, 1])
  })

  test('of cohorts has a row for each cell', async () => {
    const { text } = await ask('cohorts?format=csv', COHORTS)
    const [heading, row] = parseCsv(text)
    expect(heading).toEqual(['bucket', 'size', 'period', 'count', 'rate', 'complete'])
    expect(row!.slice(1, 5)).toEqual(['2', '0', '1', '50'])
  })

  test.each(['funnels', 'cohorts'])('of %s needs the scope of downloads', async (path) => {
    const body = path === 'funnels' ? FUNNEL : COHORTS
    const statusOf = async (format: string) =>
      (await ask(`${path}?format=${format}`, body, { scope: 'analytics:read' })).status
    expect([await statusOf('csv'), await statusOf('xlsx'), await statusOf('json')]).toEqual([403, 403, 200])
  })
})

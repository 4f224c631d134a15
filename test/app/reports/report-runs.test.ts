import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { CohortData } from '../../../src/analytics/cohorts/cohort-response.ts'
import type { QueryData } from '../../../src/analytics/custom-query/query-response.ts'
import type { DataOf } from '../../../src/analytics/dashboards/dashboards.ts'
import type { FunnelData } from '../../../src/analytics/funnels/funnel-response.ts'
import type { ReportData, RunData } from '../../../src/http/reports/report-data.ts'
import { createReportRunner } from '../../../src/http/reports/run-blocks.ts'
import { openReportApp } from '../../support/app/report-app.ts'
import { type Ask, BLOCK_SUMMARIES, BLOCKS, REPORT } from '../../support/app/report-requests.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'
import type { Published } from '../../support/oracle/history.ts'
import { TEST_FACTS } from '../../support/store/facts/test-facts.ts'

const NOW = Date.now()
const HOUR_MS = 3_600_000
/** Later events must not count in a report of this instant. */
const INSTANT = NOW - 2 * HOUR_MS
const NAME = '=HYPERLINK("http://evil.example/")'

/** A message that was sent, delivered and opened in the minutes after `at`. */
function journey(id: string, at: number): Published[] {
  return (['sent', 'delivered', 'opened'] as const).map((step, index) => [
    `pipeline.message.${step}`,
    {
      eventId: `${id}-${step}`,
      tenantId: 'tenant-1',
      timestamp: new Date(at + index * 60_000).toISOString(),
      data: {
        ...{ messageId: id, channel: 'email', contactId: `c-${id}`, userAgent: 'Thunderbird' },
        ...{ sourceType: 'campaign', sourceId: 'cmp-1', sourceName: NAME },
      },
    },
  ])
}

const EARLY = Array.from({ length: 5 }, (_, index) => journey(`early-${index}`, INSTANT - 3 * HOUR_MS))
const LATE = Array.from({ length: 3 }, (_, index) => journey(`late-${index}`, INSTANT + HOUR_MS))
/** Sent before the instant, and opened behind it. */
const BETWEEN = journey('between', INSTANT - 90_000)
/** The data of the blocks of the report. */
type BlockData = [QueryData, DataOf<'messages'>, DataOf<'campaigns'>, FunnelData, CohortData]
/** Of the blocks. */
const PATHS = ['/query', '/messages', '/campaigns', '/funnels', '/cohorts']

describe('a run of a report', () => {
  let opened: Awaited<ReturnType<typeof openReportApp>>
  beforeAll(async () => {
    opened = await openReportApp([...EARLY, ...LATE, BETWEEN].flat())
  }, 60_000)
  afterAll(() => opened?.close(), 30_000)

  const ask: Ask = (method, path, request) => opened.ask(method, path, request)

  test('a run has the data of the endpoints', async () => {
    const { data: report } = await ask<ReportData>('POST', '/reports', { body: REPORT })
    const run = await ask<RunData>('GET', `/reports/${report.id}/run`)
    expect(run.data.blocks.map(({ title, kind, chart }) => ({ title, kind, chart }))).toEqual(BLOCK_SUMMARIES)
    for (const [index, path] of PATHS.entries()) {
      const { dashboard, ...body } = BLOCKS[index]!.body as Record<string, string>
      const direct = dashboard
        ? await ask('GET', `${path}?${new URLSearchParams(body).toString()}`)
        : await ask('POST', path, { body })
      expect([path, direct.status]).toEqual([path, 200])
      expect(steady(run.data.blocks[index]!.data)).toEqual(steady(direct.data))
    }
    const one = await ask<RunData>('GET', `/reports/${report.id}/run?block=3`)
    expect(one.data.blocks.map(({ kind }) => kind)).toEqual(['funnel'])
    expect(await ask('GET', `/reports/${report.id}/run?block=5`)).toMatchObject({
      status: 400,
      error: { details: [{ path: 'block' }] },
    })
  })

  test('a run is a file of its blocks, without formulas', async () => {
    const { data: report } = await ask<ReportData>('POST', '/reports', { body: { ...REPORT, name: 'Named' } })
    const path = `/reports/${report.id}/run`
    const csv = await ask('GET', `${path}?format=csv`)
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="outreach-report-[\d-]+\.csv"$/)
    expect(csv.text.split('\r\n').filter((line) => /^\uFEFF?A \w+$/.test(line))).toHaveLength(BLOCKS.length)
    expect(csv.text).toContain(`,"'=HYPERLINK(""http://evil.example/"")",9,`)
    const only = await ask('GET', `${path}?format=csv&block=0&delimiter=semicolon`)
    expect(only.text.split('\r\n')).toEqual([
      'campaignId;campaign;sent;opened;uniqueOpens',
      `cmp-1;"'=HYPERLINK(""http://evil.example/"")";9;9;9`,
      '',
    ])
    const book = readWorkbook((await ask('GET', `${path}?format=xlsx`)).bytes)
    expect(book.map(({ name }) => name)).toEqual([
      'A query',
      'A dashboard',
      'A dashboard (2)',
      'A funnel',
      'A cohort',
      'about',
    ])
    expect(book[0]!.rows[1]).toEqual(['cmp-1', `'${NAME}`, 9, 9, 9])
    expect((await ask('GET', `${path}?format=pdf`)).status).toBe(400)
    expect((await ask('GET', `${path}?format=csv`, { scope: 'analytics:read' })).status).toBe(403)
  })

  test('a report of an instant counts no later event', async () => {
    const runReport = createReportRunner({ port: opened.app.port, facts: TEST_FACTS })
    const { blocks } = await runReport('tenant-1', REPORT, INSTANT, new AbortController().signal)
    const [query, messages, campaigns, funnel, cohort] = blocks.map(({ data }) => data) as BlockData
    expect(query.totals).toEqual({ sent: 6, opened: 5, uniqueOpens: 5 })
    expect(messages.summary).toMatchObject({ sent: 6, delivered: 6, opened: 5 })
    expect(messages.engagement).toMatchObject({ messages: 6, uniqueOpens: 5 })
    expect(Date.parse(messages.timeSeries.at(-1)!.timestamp)).toBeLessThanOrEqual(INSTANT)
    expect(campaigns.topCampaigns[0]).toMatchObject({ sent: 6, opened: 5 })
    expect(campaigns.comparison).toMatchObject({ partial: true, elapsedUntil: new Date(INSTANT).toISOString() })
    expect(funnel.steps.map(({ count }) => count)).toEqual([6, 5])
    const cells = cohort.cohorts.flatMap((each) => each.cells)
    expect(cells.reduce((sum, each) => sum + each.count, 0)).toBe(5)
    // The same report of the present counts all of them.
    const now = await runReport('tenant-1', REPORT, NOW, new AbortController().signal)
    expect((now.blocks[0]!.data as QueryData).totals).toEqual({ sent: 9, opened: 9, uniqueOpens: 9 })
    expect(now.blocks[0]!.table.rows).toEqual([
      { campaignId: 'cmp-1', campaign: NAME, sent: 9, opened: 9, uniqueOpens: 9 },
    ])
    const aborted = AbortSignal.abort(new Error('ended'))
    const ended = await runReport('tenant-1', REPORT, NOW, aborted).catch((error: Error) => error.message)
    expect(ended).toBe('ended')
  })
})

/** Without what may differ between two moments. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !/^(asOf|elapsedUntil|timeRange|drill|.*Drill)$/.test(name))
  return Object.fromEntries(entries.map(([name, each]) => [name, steady(each)]))
}

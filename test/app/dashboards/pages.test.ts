import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { parseCsv } from '../../support/http/csv.ts'
import { askForFile } from '../../support/http/file-request.ts'
import { readWorkbook } from '../../support/http/xlsx.ts'

/** More than the default size of a page, and more than its maximum size. */
const COUNT = 1_050
/** Longer than the part of an id in a cursor, with a common beginning of that length. */
const LONG = '!long-'.repeat(60)

const idOf = (kind: string, index: number) => (index % 10 === 0 ? `${kind} ${LONG}${index}` : `${kind} "${index}" ✉`)

const LISTS = {
  campaigns: ['topCampaigns', 'campaignId', 'sent'],
  workflows: ['topWorkflows', 'workflowId', 'runs'],
  sequences: ['topSequences', 'sequenceId', 'enrollments'],
  templates: ['topTemplates', 'templateId', 'openRate'],
} as const
type Dashboard = keyof typeof LISTS
const DASHBOARDS = Object.keys(LISTS) as Dashboard[]

type Item = Readonly<Record<string, string | number>>
type Data = Readonly<Record<string, readonly Item[]>> & { readonly nextCursor?: string; readonly summary?: object }

describe('lists of top items', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await openApp()
    const timestamp = new Date().toISOString()
    const event = (subject: string, data: Record<string, unknown>) =>
      [subject, { tenantId: 'a', timestamp, data }] as const
    const events = Array.from({ length: COUNT }, (_, index) => {
      const message = {
        messageId: `m-${index}`,
        campaignId: idOf('campaign', index),
        templateId: idOf('template', index),
        templateName: `Template ${index}`,
      }
      const [workflowId, sequenceId] = [idOf('workflow', index), idOf('sequence', index)]
      const data = { ...message, channel: 'email', contactId: `c-${index}` }
      // Most items have equal counts, so that only the id determines their order.
      return Array.from({ length: 1 + (index % 3) }, (__, time) => [
        event('pipeline.message.sent', data),
        event('pipeline.message.delivered', data),
        ...(index % 4 === time ? [event('pipeline.message.opened', data)] : []),
        event('workflow.run.started', { runId: `r-${index}-${time}`, workflowId }),
        event('sequence.enrollment.started', { enrollmentId: `e-${index}-${time}`, sequenceId }),
      ]).flat()
    }).flat()
    await app.store(events)
  }, 90_000)
  afterAll(() => app?.close(), 30_000)

  const ask = (path: string, tenantId = 'a') => askForFile(app, path, {}, { tenantId })
  const pathOf = (dashboard: Dashboard, asked: Readonly<Record<string, string>> = {}) =>
    `/${dashboard}?${new URLSearchParams({ ...asked }).toString()}`
  const page = async (dashboard: Dashboard, asked: Readonly<Record<string, string>> = {}) => {
    const { status, text } = await ask(pathOf(dashboard, asked))
    expect([asked, status, status === 200 ? '' : text]).toEqual([asked, 200, ''])
    return (JSON.parse(text) as { data: Data }).data
  }
  const pagesOf = async (dashboard: Dashboard, limits: readonly string[]) => {
    const pages: Data[] = []
    for (
      let cursor: string | undefined;
      pages.length === 0 || cursor !== undefined;
      cursor = pages.at(-1)!.nextCursor
    ) {
      const limit = limits[pages.length % limits.length]!
      pages.push(await page(dashboard, { limit, ...(cursor === undefined ? {} : { cursor }) }))
    }
    return pages
  }
  /** Highest figure first; equal figures in the byte order of their ids. */
  const ordered = (items: readonly Item[], id: string, figure: string, direction = -1) =>
    items.toSorted(
      (a, b) =>
        direction * (Number(a[figure]) - Number(b[figure])) ||
        Buffer.compare(Buffer.from(String(a[id])), Buffer.from(String(b[id]))),
    )

  test.each(DASHBOARDS)(
    '%s are complete page by page, each item once, in order, with the same totals on every page',
    async (dashboard) => {
      const [list, id, figure] = LISTS[dashboard]
      const kind = dashboard.slice(0, -1)
      const pages = await pagesOf(dashboard, ['100', '17', '1000'])
      expect(pages.length).toBe(3)
      const items = pages.flatMap((data) => data[list]!)
      expect(items.map((item) => String(item[id])).toSorted()).toEqual(
        Array.from({ length: COUNT }, (_, index) => idOf(kind, index)).toSorted(),
      )
      if (dashboard !== 'templates') expect(items).toEqual(ordered(items, id, figure))
      for (const { summary } of pages) expect(summary).toEqual(pages[0]!.summary)
      const [first = { nextCursor: '' }, , last] = pages
      expect([typeof first.nextCursor, last!.nextCursor]).toEqual(['string', undefined])
    },
  )

  test('templates continue in both lists, each in its own order', async () => {
    const pages = await pagesOf('templates', ['333'])
    for (const [list, direction] of [
      ['topTemplates', -1],
      ['worstPerforming', 1],
    ] as const) {
      const items = pages.flatMap((data) => data[list]!)
      // No message was clicked.
      const byUse = ordered(items, 'templateId', 'usageCount', direction)
      expect(items).toEqual(byUse.toSorted((a, b) => direction * (Number(a['openRate']) - Number(b['openRate']))))
      expect(items).toHaveLength(COUNT)
    }
  })

  test('have 10 items by default, and at most 1,000', async () => {
    expect((await page('campaigns'))['topCampaigns']).toHaveLength(10)
    expect((await page('campaigns', { limit: '1000' }))['topCampaigns']).toHaveLength(1_000)
    expect((await ask('/campaigns?limit=1001')).status).toBe(400)
  })

  test('continue exactly between ids whose common beginning is longer than a cursor holds', async () => {
    const whole = (await page('campaigns', { limit: '6' }))['topCampaigns']!
    expect(whole.every((item) => String(item['campaignId']).includes(LONG))).toBe(true)
    for (const limit of ['1', '2', '3']) {
      const items: Item[] = []
      for (let cursor: string | undefined; items.length < 6;) {
        const next = await page('campaigns', { limit, ...(cursor === undefined ? {} : { cursor }) })
        items.push(...next['topCampaigns']!)
        cursor = next.nextCursor
      }
      expect([limit, items]).toEqual([limit, [...whole]])
    }
  })

  test.each(DASHBOARDS)(
    '%s are all in an export, whatever limit and cursor the request has',
    async (dashboard) => {
      const [list, id] = LISTS[dashboard]
      const kind = dashboard.slice(0, -1)
      const ids = Array.from({ length: COUNT }, (_, index) => idOf(kind, index)).toSorted()
      const { nextCursor = '' } = await page(dashboard, { limit: '5' })
      for (const asked of [{}, { limit: '5' }, { limit: '5', cursor: nextCursor }]) {
        const csv = parseCsv((await ask(pathOf(dashboard, { ...asked, format: 'csv' }))).text)
        const column = csv[0]!.indexOf(id)
        expect(
          csv
            .slice(1)
            .map((record) => record[column]!)
            .toSorted(),
        ).toEqual(ids)
      }
      const workbook = readWorkbook((await ask(pathOf(dashboard, { format: 'xlsx' }))).bytes)
      const { rows } = workbook.find(({ name }) => name === list)!
      expect(
        rows
          .slice(1)
          .map((row) => String(row[0]))
          .toSorted(),
      ).toEqual(ids)
    },
    60_000,
  )

  test('repeat no item when a count grows between pages', async () => {
    const first = await page('workflows', { limit: '500' })
    const later = (await page('workflows', { limit: '1000', cursor: first.nextCursor! }))['topWorkflows']!
    const [moved, last] = [later[10]!['workflowId'] as string, later.at(-1)!['workflowId']]
    const run = (index: number) =>
      [
        'workflow.run.started',
        { tenantId: 'a', timestamp: new Date().toISOString(), data: { runId: `more-${index}`, workflowId: moved } },
      ] as const
    await app.store(Array.from({ length: 9 }, (_, index) => run(index)))
    expect((await page('workflows', { limit: '1' }))['topWorkflows']![0]!['workflowId']).toBe(moved)
    const second = (await page('workflows', { limit: '1000', cursor: first.nextCursor! }))['topWorkflows']!
    expect(second).toEqual(later.filter((item) => item['workflowId'] !== moved))
    expect(second.at(-1)!['workflowId']).toBe(last)
  }, 60_000)

  test('have the range of the first page, also on a later day', async () => {
    const { nextCursor = '', summary } = await page('campaigns', { timeRange: '1d' })
    const [version, question, requestedOn, ...lists] = JSON.parse(
      Buffer.from(nextCursor, 'base64url').toString(),
    ) as number[]
    const asOf = (daysAgo: number) => {
      const written = JSON.stringify([version, question, requestedOn! - daysAgo * 86_400_000, ...lists])
      return page('campaigns', { timeRange: '1d', cursor: Buffer.from(written).toString('base64url') })
    }
    expect((await asOf(0)).summary).toEqual(summary)
    const earlier = await asOf(3)
    expect([earlier.summary, earlier['topCampaigns']]).toEqual([expect.objectContaining({ totalCampaigns: 0 }), []])
  })

  test('refuse an invalid cursor, and one of another query or tenant, by the parameter name', async () => {
    const { nextCursor = '' } = await page('campaigns', { limit: '5', timeRange: '7d', timezone: 'Asia/Kolkata' })
    const same = { timeRange: '7d', timezone: 'Asia/Kolkata' }
    expect((await ask(pathOf('campaigns', { ...same, cursor: nextCursor }))).status).toBe(200)
    const wrong: [Dashboard, Readonly<Record<string, string>>][] = [
      ...['x', 'null', '%%%', 'W10', nextCursor.slice(0, -2), `${nextCursor}A`, `A${nextCursor}`, 'é'].map(
        (cursor): [Dashboard, Readonly<Record<string, string>>] => ['campaigns', { ...same, cursor }],
      ),
      ['campaigns', { ...same, cursor: nextCursor, channel: 'email' }],
      ['campaigns', { ...same, cursor: nextCursor, timeRange: '30d' }],
      ['campaigns', { cursor: nextCursor, timeRange: '7d' }],
      ['campaigns', { ...same, cursor: nextCursor, startDate: '2026-01-01' }],
      ['workflows', { ...same, cursor: nextCursor }],
      ['templates', { ...same, cursor: nextCursor }],
    ]
    for (const [dashboard, asked] of wrong) {
      const { status, text } = await ask(pathOf(dashboard, asked))
      const { error } = JSON.parse(text) as { error?: { details?: { path: string }[] } }
      expect([asked, status, error?.details?.[0]?.path]).toEqual([asked, 400, 'cursor'])
    }
    const foreign = await ask(pathOf('campaigns', { ...same, cursor: nextCursor }), 'b')
    expect([foreign.status, foreign.text.includes('"path":"cursor"')]).toEqual([400, true])
    expect((await ask('/overview?cursor=x')).text).toContain('Unknown parameter')
  })
})

/** The explorer and the filters that all views share. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { parseCsv } from '../support/http/csv.ts'
import { type DashboardFixture, openDashboardFixture, type WatchedPage } from './fixture/dashboard-fixture.ts'
import {
  accessibilityViolationsOf,
  addChannelFilter,
  countText,
  openView,
  rowsOf,
  viewShown,
} from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?view=explorer&range=30d&zone=UTC&compare=none'

/** The metrics that these tests query. */
type Numbers = Readonly<Record<'messages' | 'sent' | 'humanOpens' | 'humanClicks', number>>
interface Answer {
  readonly rows: readonly { readonly values: Numbers }[]
  readonly rowCount: number
  readonly totals: Numbers
  readonly cursor: string | null
}

describe('the explorer', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    watched = await fixture.openAs({ tenantId: 'tenant-1' }, ADDRESS)
    page = watched.page
    await viewShown(page, 'explorer')
  }, 120_000)
  afterAll(() => fixture?.close(), 30_000)

  /** The answer to a query over REST. */
  async function answerOf(query: object) {
    const response = await fetch(`${fixture.baseUrl}/api/v1/analytics/query`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${fixture.tokenFor({ tenantId: 'tenant-1' })}`,
      },
      body: JSON.stringify({ timeRange: '30d', timezone: 'UTC', totals: true, ...query }),
    })
    return ((await response.json()) as { data: Answer }).data
  }
  const definition = () => JSON.parse(new URL(page.url()).searchParams.get('definition') ?? '{}')
  const choose = async (button: string, ...labels: string[]) => {
    await page.getByRole('button', { name: button }).click()
    for (const label of labels) await page.getByRole('checkbox', { name: label, exact: true }).click()
    await page.keyboard.press('Escape')
    await viewShown(page, 'explorer')
  }
  const table = () => page.getByRole('table').last()
  const totals = () => table().locator('tfoot td, tfoot th').allInnerTexts()

  test('shows messages by day at first, with the totals of the service', async () => {
    const metrics = ['messages', 'humanOpens', 'humanClicks'] as const
    const { rows, totals: expected } = await answerOf({ metrics, granularity: 'day' })
    expect(expected.messages).toBeGreaterThan(0)
    expect(await page.getByRole('application').or(page.locator('.plot')).count()).toBeGreaterThan(0)
    expect(await totals()).toEqual(['Total', ...metrics.map((name) => countText(expected[name]))])
    const shown = await rowsOf(table())
    expect(shown.map((cells) => cells.slice(1))).toEqual(
      rows.map(({ values }) => metrics.map((name) => countText(values[name]))),
    )
  })

  test('divides by dimensions and adds numbers; the address holds them, and the back button returns', async () => {
    await choose('Choose numbers', 'Human opens', 'Human clicks', 'Sent')
    await choose('Choose dimensions', 'Campaign')
    await page.getByLabel('Over time').selectOption('Not over time')
    await page.getByRole('list', { name: /^Messages and 1 more by campaign/ }).waitFor()
    expect(definition()).toEqual({ metrics: ['messages', 'sent'], by: ['campaign'] })
    const { rows } = await answerOf({ metrics: ['messages', 'sent'], dimensions: ['campaign'] })
    const numbers = async () => (await rowsOf(table())).map((cells) => cells.slice(1).map((text) => text.trim()))
    expect(await numbers()).toEqual(rows.map(({ values }) => [countText(values.messages), countText(values.sent)]))
    const other = await fixture.openAs({ tenantId: 'tenant-1' }, page.url().slice(fixture.baseUrl.length))
    await viewShown(other.page, 'explorer')
    expect(await rowsOf(other.page.getByRole('table').last())).toEqual(await rowsOf(table()))
    await other.page.close()
    await page.goBack()
    await viewShown(page, 'explorer')
    expect(definition().granularity).toBe('day')
    await page.goForward()
    await page.getByRole('list', { name: /^Messages and 1 more by campaign/ }).waitFor()
  })

  test('says why a combination is not possible, in place of offering it', async () => {
    await page.getByRole('button', { name: 'Choose dimensions' }).click()
    const step = page.getByRole('checkbox', { name: 'Step' })
    await page.getByText('Messages cannot be divided by Step.').waitFor()
    // Assistive technology is told that the choice is not available; a click on it changes nothing.
    await step.click({ force: true })
    expect([await step.isChecked(), definition().by]).toEqual([false, ['campaign']])
    await page.keyboard.press('Escape')
    const lines = page.getByRole('button', { name: 'Lines' })
    expect(await lines.getAttribute('aria-disabled')).toBe('true')
    await lines.click({ force: true })
    await page.getByRole('status').filter({ hasText: 'Lines need a unit of time.' }).waitFor()
  })

  test('shows what a number means at one click', async () => {
    await page.getByRole('button', { name: 'Choose numbers' }).click()
    await page.getByRole('searchbox').fill('human open rate')
    await page.getByRole('button', { name: 'What Human open rate means' }).click()
    await page.getByText("Delivered messages with an open that is not a machine's ÷ delivered messages").waitFor()
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
  })

  test('is ordered by the service when a heading is clicked, and has pages', async () => {
    const { rows, cursor } = await answerOf({
      metrics: ['messages', 'sent'],
      dimensions: ['campaign', 'channel'],
      orderBy: [{ by: 'sent', direction: 'desc' }],
      limit: 25,
    })
    await choose('Choose dimensions', 'Channel')
    await page.getByLabel('Rows per page').selectOption('25')
    await table().getByRole('button', { name: 'Sent' }).click()
    await page.waitForURL(/order/)
    await viewShown(page, 'explorer')
    expect(definition().order).toEqual({ by: 'sent', direction: 'desc' })
    expect(await table().getByRole('columnheader', { name: 'Sent' }).getAttribute('aria-sort')).toBe('descending')
    const sent = (await rowsOf(table())).map((cells) => cells.at(-1))
    expect(sent).toEqual(rows.map(({ values }) => countText(values.sent)))
    expect(await page.getByRole('link', { name: 'Next page' }).count()).toBe(cursor === null ? 0 : 1)
  })

  test('opens the messages behind a number', async () => {
    const link = table().locator('tbody .drill-link').first()
    const count = await link.innerText()
    await link.click()
    await page.waitForURL(/drill=/)
    await page
      .getByText(new RegExp(`\\b${count}\\b`))
      .first()
      .waitFor()
    await page.goBack()
    await viewShown(page, 'explorer')
  })

  test('saves the rows as a file, with the scope for exports', async () => {
    const downloading = page.waitForEvent('download')
    await page.getByRole('group', { name: 'Download' }).getByRole('button', { name: 'CSV' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^outreach-query-.*\.csv$/)
    const [heading, ...lines] = parseCsv((await Bun.file(await download.path()).text()).replace('\uFEFF', ''))
    expect(heading).toEqual(['campaignId', 'campaign', 'channel', 'messages', 'sent'])
    const { rowCount } = await answerOf({ metrics: ['messages', 'sent'], dimensions: ['campaign', 'channel'] })
    expect(lines).toHaveLength(rowCount)
  })

  test('shares its filters with the dashboards, which say when they cannot apply one', async () => {
    await addChannelFilter(page, 'Email')
    await viewShown(page, 'explorer')
    const filter = { dimension: 'channel', operator: 'in', values: ['email'] }
    const { totals: filtered } = await answerOf({ metrics: ['messages', 'sent'], filter })
    expect(await totals()).toEqual(['Total', '', countText(filtered.messages), countText(filtered.sent)])
    await openView(page, 'Messages')
    await viewShown(page, 'messages')
    const { summary } = await fixture.rest('messages?timeRange=30d&channel=email')
    await page.getByText(countText(summary.sent), { exact: true }).first().waitFor()
    const chip = page.getByRole('button', { name: /^Change the filter Channel: Email/ })
    expect(await chip.getAttribute('aria-label')).toBe('Change the filter Channel: Email')
    await openView(page, 'Overview')
    await viewShown(page, 'overview')
    expect(await chip.getAttribute('aria-label')).toContain('This view cannot apply the filter')
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove the filter Channel: Email' }).click()
    expect(new URL(page.url()).searchParams.has('channel')).toBe(false)
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Add a filter')
  })

  test('explains an address that the service refuses, above an editor that can change it', async () => {
    const wrong = { metrics: ['messages'], by: ['step'] }
    const address = `${ADDRESS}&definition=${encodeURIComponent(JSON.stringify(wrong))}`
    const other = await fixture.openAs({ tenantId: 'tenant-1' }, address)
    await other.page.getByRole('alert').getByText('Messages cannot be divided by Step.').waitFor()
    await other.page.getByRole('button', { name: 'Remove: Step' }).click()
    await other.page.locator('[data-metric="messages"] .value').waitFor()
    expect(other.complaints).toEqual([])
    await other.page.close()
  })

  test('caused no error and no policy violation', () =>
    expect([watched.complaints, watched.elsewhere]).toEqual([[], []]))
})

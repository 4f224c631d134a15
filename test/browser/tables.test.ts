/** A table of 1,000 rows: order, search, columns, keyboard. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import type { DataOf } from '../../src/analytics/dashboards/dashboards.ts'
import { until } from '../support/process/until.ts'
import {
  type DashboardFixture,
  messageEvents,
  openDashboardFixture,
  type WatchedPage,
} from './fixture/dashboard-fixture.ts'
import { accessibilityViolationsOf, countText, rowsOf, untilShown, viewShown } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const TENANT = 'tenant-many'
/** More than the maximum of a response. */
const CAMPAIGN_COUNT = 1_003
const ROW_COUNT = 1_000
/** Enough for the height of the window and a margin, and far fewer than all rows. */
const MAX_ROWS_IN_DOCUMENT = 150
const ADDRESS = '/dashboard?view=campaigns&range=7d&zone=UTC'

type Campaigns = DataOf<'campaigns'>
type Campaign = Campaigns['topCampaigns'][number]

/** The value by which a column is sorted, and what its cell shows. */
interface SortedColumn {
  readonly valueOf: (campaign: Campaign) => string | number
  readonly textOf: (campaign: Campaign) => string
}
const numbers = (valueOf: (campaign: Campaign) => number, text: (value: number) => string): SortedColumn => ({
  valueOf,
  textOf: (campaign) => text(valueOf(campaign)),
})

const idOf = (index: number) => `cmp-${String(index).padStart(4, '0')}`
/** Two campaigns have the same name. */
const nameOf = (index: number) => (index === 7 ? 'Newsletter 8' : `Newsletter ${index}`)

/** Up to four messages for each campaign, each with up to four events. */
const CAMPAIGN_EVENTS = Array.from({ length: CAMPAIGN_COUNT }, (_, index) =>
  Array.from({ length: index % 100 === 0 ? 1 + (index % 7) : 1 }, (__, message) =>
    messageEvents(
      `${index}-${message}`,
      Date.now() - (1 + (index % 90)) * 3_600_000,
      1 + ((index + message) % 4),
      { channel: 'email', sourceType: 'campaign', sourceId: idOf(index), sourceName: nameOf(index) },
      TENANT,
    ),
  ).flat(),
).flat()

const rateText = (rate: number) => `${rate.toFixed(2)}%`
const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' })

describe('a long table', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page
  let table: Locator
  let campaigns: readonly Campaign[]
  let summary: Campaigns['summary']

  beforeAll(async () => {
    fixture = await openDashboardFixture()
    await fixture.send(CAMPAIGN_EVENTS, TENANT)
    const data = await fixture.rest('campaigns?timeRange=7d&limit=1000', TENANT)
    campaigns = data.topCampaigns
    summary = data.summary
    watched = await fixture.openAs({ tenantId: TENANT }, ADDRESS)
    page = watched.page
    table = page.getByRole('table', { name: 'All campaigns' })
    await viewShown(page, 'campaigns')
  }, 120_000)
  afterAll(() => fixture?.close(), 30_000)

  const links = () => table.locator('tbody').getByRole('link')
  const search = () => page.getByRole('searchbox', { name: 'Search: All campaigns' })
  const heading = (label: string) => table.getByRole('columnheader', { name: label })
  const labels = () => table.getByRole('columnheader').allInnerTexts()

  test('has all rows of a response, of which only those near its visible part are in the document', async () => {
    expect(campaigns).toHaveLength(ROW_COUNT)
    const count = await links().count()
    expect(count).toBeGreaterThan(5)
    expect(count).toBeLessThan(MAX_ROWS_IN_DOCUMENT)
    await page.getByText('The first 1,000 rows').waitFor()
    expect(await accessibilityViolationsOf(page)).toEqual([])
  })

  test.each([
    ['Campaign', { valueOf: ({ name }: Campaign) => name, textOf: ({ name }: Campaign) => name }],
    ['Delivered', numbers(({ engagement }) => engagement.deliveredMessages, countText)],
    ['Human opens', numbers(({ engagement }) => engagement.humanOpens, countText)],
    ['Human clicks', numbers(({ engagement }) => engagement.humanClicks, countText)],
    ['Recipients', numbers(({ recipients }) => recipients, countText)],
    ['Human open rate', numbers(({ engagement }) => engagement.humanOpenRate, rateText)],
    ['Human click rate', numbers(({ engagement }) => engagement.humanClickRate, rateText)],
    ['Messages', numbers(({ engagement }) => engagement.messages, countText)],
  ] as [string, SortedColumn][])('is sorted by %s in both directions', async (label, { valueOf, textOf }) => {
    const ascending = campaigns.toSorted((first, second) => {
      const [a, b] = [valueOf(first), valueOf(second)]
      return typeof a === 'number' && typeof b === 'number' ? a - b : byName(String(a), String(b))
    })
    const column = heading(label)
    const directions: (string | null)[] = []
    for (let click = 0; click < 2; click++) {
      await column.getByRole('button').click()
      const direction = await column.getAttribute('aria-sort')
      directions.push(direction)
      const index = (await labels()).findIndex((text) => text.startsWith(label))
      const expected = (direction === 'ascending' ? ascending : ascending.toReversed()).slice(0, 10).map(textOf)
      const shown = async () =>
        (await rowsOf(table))
          .slice(0, 10)
          .map((cells) => (index === 0 ? cells[0]!.replace(/cmp-\d+$/, '') : cells[index]))
      expect([label, direction, await shown()]).toEqual([label, direction, expected])
    }
    expect(new Set(directions)).toEqual(new Set(['ascending', 'descending']))
    expect(await table.locator('[aria-sort=ascending], [aria-sort=descending]').count()).toBe(1)
  })

  test('is ordered by the service as the user chooses', async () => {
    await page.getByLabel('Order by').selectOption('Human open rate')
    await page.waitForURL(/sort=humanOpenRate/)
    await viewShown(page, 'campaigns')
    expect(await heading('Human open rate').getAttribute('aria-sort')).toBe('descending')
    const { topCampaigns } = await fixture.rest('campaigns?timeRange=7d&limit=1000&sort=humanOpenRate', TENANT)
    const ids = async () =>
      (await links().evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).search)))[0]!
    expect(await ids()).toContain(`id=${topCampaigns[0]!.campaignId}`)
    await page.goBack()
    await viewShown(page, 'campaigns')
  })

  test('finds every row by a part of its name or by its id', async () => {
    for (const { campaignId } of [campaigns[0]!, campaigns[499]!, campaigns.at(-1)!]) {
      await search().fill(campaignId.toUpperCase())
      await page.getByRole('status').filter({ hasText: '1 of 1,000 rows' }).waitFor()
      expect(await links().first().getAttribute('href')).toContain(`id=${campaignId}`)
    }
    await search().fill('newsletter 99')
    // Each word matches the name or the id.
    const matches = campaigns.filter(({ name, campaignId }) => name.includes('99') || campaignId.includes('99'))
    expect(matches.length).toBeGreaterThan(5)
    await page
      .getByRole('status')
      .filter({ hasText: `${matches.length} of 1,000 rows` })
      .waitFor()
    expect((await rowsOf(table)).map(([name]) => name!).toSorted()).toEqual(matches.map(({ name }) => name).toSorted())
    await search().fill('nowhere')
    await table.getByText('Nothing matches “nowhere”').waitFor()
    await search().fill('Newsletter 8')
    const ids = ['cmp-0007', 'cmp-0008']
    const twins = table.getByRole('link').filter({ hasText: /^Newsletter 8cmp/ })
    expect((await twins.allTextContents()).map((text) => text.slice(-8)).toSorted()).toEqual(ids)
  })

  test('keeps the search, the order and the focus while live updates arrive', async () => {
    await search().fill(idOf(5))
    await search().focus()
    const [[name, sent] = []] = await rowsOf(table)
    const source = { sourceType: 'campaign', sourceId: idOf(5), sourceName: nameOf(5) }
    await fixture.send(messageEvents('later', Date.now(), 1, { channel: 'email', ...source }, TENANT), TENANT)
    await untilShown(page, 'Recipients', summary.totalRecipients + 1)
    expect(await search().evaluate((field) => field === document.activeElement)).toBe(true)
    expect((await rowsOf(table)).map((cells) => cells.slice(0, 2))).toEqual([[name!, countText(Number(sent) + 1)]])
  })

  test('is read by the keyboard alone, from the first row to the last, and to the page of a row and back', async () => {
    await search().fill('')
    await heading('Campaign').getByRole('button').focus()
    for (let press = 0; press < 3 && (await heading('Campaign').getAttribute('aria-sort')) !== 'ascending'; press++)
      await page.keyboard.press('Enter')
    await links().first().focus()
    await page.keyboard.press('End')
    const last = campaigns
      .map(({ name }) => name)
      .toSorted(byName)
      .at(-1)!
    const focused = () => page.evaluate(() => document.activeElement?.textContent.trim())
    await until(async () => (await focused()) === last, 5_000, 'the last row to have the focus')
    expect(await links().count()).toBeLessThan(MAX_ROWS_IN_DOCUMENT)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: last, exact: true }).waitFor()
    await page.goBack()
    await viewShown(page, 'campaigns')
    expect(await heading('Campaign').getAttribute('aria-sort')).toBe('ascending')
  })

  test('has a row of totals', async () => {
    const totals = await table.locator('tfoot td, tfoot th').allInnerTexts()
    const byLabel = Object.fromEntries(
      (await labels()).map((label, index) => [label.split('\n')[0]!.trim(), totals[index]]),
    )
    const { summary: now, engagement } = await fixture.rest('campaigns?timeRange=7d', TENANT)
    expect(byLabel).toMatchObject({
      Campaign: 'Total',
      Recipients: countText(now.totalRecipients),
      'Human open rate': rateText(engagement.humanOpenRate),
    })
  })

  test('remembers the choice of columns, made by the keyboard', async () => {
    const hasOpened = async () => (await labels()).some((label) => label.startsWith('Human opens'))
    expect(await hasOpened()).toBe(true)
    await page.getByRole('button', { name: 'Columns' }).focus()
    await page.keyboard.press('Enter')
    const choice = page.getByRole('checkbox', { name: 'Human opens' })
    await choice.waitFor()
    for (let press = 0; press < 12 && !(await choice.evaluate((box) => box === document.activeElement)); press++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Escape')
    expect([await hasOpened(), await choice.count()]).toEqual([false, 0])
    await page.reload()
    await viewShown(page, 'campaigns')
    expect(await hasOpened()).toBe(false)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('button', { name: 'Reset' }).click()
    expect(await hasOpened()).toBe(true)
  })

  test('caused no error and no policy violation', () => expect(watched.complaints).toEqual([]))
})

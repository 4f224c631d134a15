/** The numbers of every view, the address and the filters. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { readWorkbook } from '../support/http/xlsx.ts'
import { until } from '../support/process/until.ts'
import { testComparisons } from './cases/comparison-cases.ts'
import {
  type DashboardFixture,
  messageEvents,
  openDashboardFixture,
  type WatchedPage,
} from './fixture/dashboard-fixture.ts'
import { testDrillDown } from './cases/drill-down-cases.ts'
import { testEngagement } from './cases/engagement-cases.ts'
import { buildPageWithNewView } from './fixture/new-view.ts'
import { addChannelFilter, chartRows, countText, kpiValuesOf, untilShown, viewShown } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC'
const MAX_PAGE_BYTES = 95_000
const DAY_MS = 86_400_000

describe('the dashboards in a browser', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page

  beforeAll(async () => {
    fixture = await openDashboardFixture()
    watched = await fixture.openPage(ADDRESS)
    page = watched.page
    await viewShown(page, 'overview')
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  const openView = async (name: string) => {
    await page.getByRole('navigation').getByRole('link', { name }).click()
    await viewShown(page, name.toLowerCase())
  }
  const parameter = (name: string) => new URL(page.url()).searchParams.get(name)

  test('show the numbers of the API', async () => {
    const { summary, engagement } = await fixture.rest('overview?timeRange=7d')
    expect(await kpiValuesOf(page)).toEqual({
      Messages: countText(engagement.messages),
      Delivered: countText(engagement.deliveredMessages),
      'Human opens': countText(engagement.humanOpens),
      'Human clicks': countText(engagement.humanClicks),
      Sent: countText(summary.totalMessagesSent),
      'Delivered (events)': countText(summary.totalDelivered),
      Opened: countText(summary.totalOpened),
      Clicked: countText(summary.totalClicked),
    })
    expect(await page.locator('[data-metric=delivered] .rate .value').innerText()).toBe(
      `${summary.deliveryRate.toFixed(2)}%`,
    )
  })

  test('load at most 95 kB', async () => {
    const context = await page.context().newPage()
    await context.goto(fixture.baseUrl + ADDRESS)
    const bytes = await context.evaluate(() => {
      const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
      const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      const own = files.filter(({ name }) => name.includes('/dashboard/assets/'))
      return own.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, visit!.encodedBodySize)
    })
    await context.close()
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(MAX_PAGE_BYTES)
  })
  for (const testPart of [testComparisons, testEngagement, testDrillDown])
    testPart(() => ({ fixture, page, address: ADDRESS }))

  test('keep the range in the address, and the back button restores the previous range', async () => {
    const { summary: month } = await fixture.rest('overview?timeRange=30d')
    const { summary: week } = await fixture.rest('overview?timeRange=7d')
    expect(month.totalMessagesSent).toBeGreaterThan(week.totalMessagesSent)
    await page.getByRole('button', { name: 'Range' }).click()
    await page.getByRole('menuitemradio', { name: 'Last 30 days' }).click()
    await untilShown(page, 'Sent', month.totalMessagesSent)
    expect(parameter('range')).toBe('30d')
    await page.goBack()
    await untilShown(page, 'Sent', week.totalMessagesSent)
    expect(parameter('range')).toBe('7d')
  })

  test('draw a chart, and show the same numbers as a table', async () => {
    const { trend } = await fixture.rest('overview?timeRange=7d')
    expect(await page.getByRole('region', { name: 'Events by day' }).locator('canvas').count()).toBe(1)
    const rows = await chartRows(page, 'Events by day')
    expect(rows.map(([, ...numbers]) => numbers)).toEqual(
      trend.map((day) => [day.sent, day.delivered, day.opened, day.clicked].map(countText)),
    )
    expect(rows.map(([day]) => day!.endsWith('(not complete yet)'))).toEqual(trend.map((_, index) => index === 7))
  })

  test('update cards, charts and tables at the same time', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.locator('[data-live=live]').waitFor()
    // Reads the three places in every frame.
    await page.evaluate(() => {
      const seen = new Set<string>()
      const text = (selector: string) => document.querySelector(selector)!.textContent.trim()
      const read = () => {
        const [chart, channels] = [...document.querySelectorAll('tfoot td:nth-child(2)')]
        // The test goes on to views without these tables.
        if (!chart || !channels) return
        seen.add([text('[data-metric=sent] .value'), chart.textContent, channels.textContent].join(' '))
        requestAnimationFrame(read)
      }
      read()
      Object.assign(window, { seen })
    })
    const { summary } = await fixture.rest('overview?timeRange=7d')
    await fixture.send(messageEvents('new', Date.now(), 2, { channel: 'email' }))
    await untilShown(page, 'Sent', summary.totalMessagesSent + 1)
    await untilShown(page, 'Delivered (events)', summary.totalDelivered + 1)
    await untilShown(page, 'Messages', summary.totalMessagesSent + 1)
    const seen = await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])
    expect(seen).toEqual(
      [summary.totalMessagesSent, summary.totalMessagesSent + 1].map((count) =>
        Array.from({ length: 3 }, () => countText(count)).join(' '),
      ),
    )
  })

  test('show selected days', async () => {
    const day = new Date(Date.now() - 3 * DAY_MS).toISOString().slice(0, 10)
    const { summary } = await fixture.rest(`overview?startDate=${day}&endDate=${day}`)
    await page.getByRole('button', { name: 'Range' }).click()
    await page.getByLabel('From', { exact: true }).fill(day)
    await page.getByLabel('To', { exact: true }).fill(day)
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await untilShown(page, 'Sent', summary.totalMessagesSent)
    expect([parameter('start'), parameter('end')]).toEqual([day, day])
    await page.goBack()
  })

  test('count days in the selected time zone, found by its city or a former name', async () => {
    const { summary } = await fixture.rest('overview?timeRange=7d')
    await untilShown(page, 'Sent', summary.totalMessagesSent)
    const field = page.getByRole('combobox', { name: 'Time zone' })
    await field.fill('nowhere')
    await page.getByText('No time zone matches “nowhere”').waitFor()
    await field.fill('kiev')
    await field.press('Enter')
    await until(() => parameter('zone') === 'Europe/Kyiv', 5_000, 'the zone to be in the address')
    await field.fill('auckland')
    await field.press('Enter')
    const { trend } = await fixture.rest('overview?timeRange=7d&timezone=Pacific/Auckland')
    const expected = JSON.stringify(trend.map((day) => countText(day.sent)))
    await until(
      async () => JSON.stringify((await chartRows(page, 'Events by day')).map(([, sent]) => sent)) === expected,
      15_000,
      'the days of Auckland',
    )
    expect(parameter('zone')).toBe('Pacific/Auckland')
    await field.fill('UTC')
    await field.press('Enter')
  })

  test.each([
    ['Messages', 'Sent', async () => (await fixture.rest('messages?timeRange=7d')).summary.sent],
    ['Campaigns', 'Recipients', async () => (await fixture.rest('campaigns?timeRange=7d')).summary.totalRecipients],
    ['Workflows', 'Runs', async () => (await fixture.rest('workflows?timeRange=7d')).summary.totalRuns],
    ['Sequences', 'Enrollments', async () => (await fixture.rest('sequences?timeRange=7d')).summary.totalEnrollments],
    [
      'Traffic',
      'On the busiest weekday',
      async () => {
        const { byDayOfWeek } = await fixture.rest('traffic?timeRange=7d')
        return Math.max(...byDayOfWeek.map((day) => day.messageCount))
      },
    ],
  ] as const)('show on %s the number of %s', async (view, label, value) => {
    await openView(view)
    await untilShown(page, label, await value())
  })

  test('count each hour of the week', async () => {
    const { byDayOfWeek } = await fixture.rest('traffic?timeRange=7d')
    const rows = await chartRows(page, 'Through the week')
    expect(rows).toHaveLength(24)
    const sums = byDayOfWeek.map((_, weekday) => rows.reduce((sum, cells) => sum + Number(cells[weekday + 1]), 0))
    expect(sums).toEqual(byDayOfWeek.map((day) => day.messageCount))
  })

  test('filter by a channel, and open the page of one campaign', async () => {
    await openView('Campaigns')
    await addChannelFilter(page, 'SMS')
    const { summary, topCampaigns } = await fixture.rest('campaigns?timeRange=7d&channel=sms')
    await untilShown(page, 'Recipients', summary.totalRecipients)
    await page.getByRole('table', { name: 'All campaigns' }).locator('tbody a').first().click()
    const campaign = topCampaigns.find((each) => each.campaignId === parameter('id'))!
    await page.getByRole('heading', { level: 1, name: campaign.name, exact: true }).waitFor()
    await untilShown(page, 'Sent', campaign.sent)
    expect(await page.title()).toStartWith(campaign.name)
    const other = await fixture.openAs({ tenantId: 'tenant-1' }, page.url().slice(fixture.baseUrl.length))
    await viewShown(other.page, 'campaigns')
    expect(await kpiValuesOf(other.page)).toEqual(await kpiValuesOf(page))
    await other.page.close()
    await page.getByRole('link', { name: 'All campaigns' }).click()
    await untilShown(page, 'Recipients', summary.totalRecipients)
  })

  test.each([
    ['CSV', 'csv', (bytes: Uint8Array) => new TextDecoder().decode(bytes)],
    ['Excel', 'xlsx', (bytes: Uint8Array) => readWorkbook(bytes).filter(({ name }) => name !== 'about')],
  ])('save the shown data as %s, as the API returns it', async (label, format, read) => {
    const downloading = page.waitForEvent('download')
    await page.getByRole('group', { name: 'Download' }).getByRole('button', { name: label }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(new RegExp(`^outreach-campaigns-.*\\.${format}$`))
    const served = await fixture.file(
      `campaigns?timeRange=7d&channel=sms&compare=previous&align=weekday&format=${format}`,
    )
    expect(read(await Bun.file(await download.path()).bytes())).toEqual(read(served))
  })

  test('work in a browser that has no Temporal', async () => {
    const older = await page.context().newPage()
    await older.addInitScript(() => void delete (globalThis as { Temporal?: unknown }).Temporal)
    await older.goto(
      `${fixture.baseUrl}/dashboard?view=overview&range=7d&zone=Europe/Berlin${new URL(fixture.link()).hash}`,
    )
    await viewShown(older, 'overview')
    const loaded = await older.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    expect(loaded.filter((name) => name.includes('/assets/global.esm-'))).toHaveLength(1)
    await older.close()
  })

  test('show a new view that only its own file and its texts contain', async () => {
    const build = buildPageWithNewView()
    const other = await page.context().newPage()
    await build.serve(other)
    await other.goto(`${fixture.baseUrl}/dashboard?view=overview&range=7d&zone=UTC${new URL(fixture.link()).hash}`)
    await other.getByRole('navigation').getByRole('link', { name: 'Demo' }).click()
    await other.getByRole('heading', { level: 1, name: 'Demo' }).waitFor()
    const { summary } = await fixture.rest('overview?timeRange=7d')
    await other.getByText(`Messages: ${summary.totalMessagesSent}`, { exact: true }).waitFor()
    await other.close()
    build.remove()
  })

  test('requested no other host and caused no error and no policy violation', () => {
    expect([watched.elsewhere, watched.complaints]).toEqual([[], []])
  })
})

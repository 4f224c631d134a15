import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { until } from '../support/process/until.ts'
import { readWorkbook } from '../support/http/xlsx.ts'
import {
  chartTable,
  type DashboardFixture,
  messageStory,
  openDashboardFixture,
  tilesOf,
  type WatchedPage,
} from './dashboard-fixture.ts'

setDefaultTimeout(60_000)
const counts = new Intl.NumberFormat('en')
const MAX_PAGE_BYTES = 300_000

describe('the dashboards in a browser', () => {
  let world: DashboardFixture
  let watched: WatchedPage
  let page: Page

  beforeAll(async () => {
    world = await openDashboardFixture()
    watched = await world.openPage('/dashboard?view=overview&range=7d&zone=UTC')
    page = watched.page
    await page.waitForSelector('.tile .number')
  }, 90_000)
  afterAll(() => world?.close(), 30_000)

  /** Resolves when a KPI card shows the number. */
  const shows = (label: string, count: number) =>
    until(async () => (await tilesOf(page))[label] === counts.format(count), 15_000, `${label} to be ${count}`)

  async function chooseZone(typed: string): Promise<void> {
    await page.getByLabel('Time zone').fill(typed)
    await page.keyboard.press('Enter')
  }

  test('sign a local developer in and show the numbers of the API', async () => {
    const { summary } = await world.rest('overview?timeRange=7d')
    expect(await tilesOf(page)).toEqual({
      Sent: counts.format(summary.totalMessagesSent),
      Delivered: counts.format(summary.totalDelivered),
      Opened: counts.format(summary.totalOpened),
      Clicked: counts.format(summary.totalClicked),
    })
    expect(await page.locator('.rate-number').first().innerText()).toStartWith(String(summary.deliveryRate))
  })

  test('are light', async () => {
    const cold = await world.openPage('/dashboard?view=overview&range=7d&zone=UTC')
    await cold.page.waitForSelector('.tile .number')
    const weight = await cold.page.evaluate(() => {
      const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
      const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      const own = files.filter(({ name }) => name.includes('/dashboard/assets/'))
      return own.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, visit!.encodedBodySize)
    })
    await cold.page.close()
    expect(weight).toBeGreaterThan(10_000)
    expect(weight).toBeLessThan(MAX_PAGE_BYTES)
  })

  test('work in a browser that has no Temporal', async () => {
    const older = await page.context().newPage()
    await older.addInitScript(() => void delete (globalThis as { Temporal?: unknown }).Temporal)
    await older.goto(
      `${world.baseUrl}/dashboard?view=overview&range=7d&zone=Europe%2FBerlin${new URL(world.link()).hash}`,
    )
    await older.waitForSelector('.tile .number')
    const loaded = await older.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    expect(loaded.filter((name) => name.includes('/assets/global.esm-'))).toHaveLength(1)
    await older.close()
  })

  test('draw a chart and show the same numbers as a table', async () => {
    const { trend } = await world.rest('overview?timeRange=7d')
    const table = await chartTable(page)
    expect(table.map(([, ...numbers]) => numbers.map(Number))).toEqual(
      trend.map((day: Record<string, number>) => [day['sent'], day['delivered'], day['opened'], day['clicked']]),
    )
    expect(await page.locator('.plot canvas').count()).toBe(1)
  })

  test('compare with the days before', async () => {
    const change = await page.locator('.tile').first().locator('.change .spoken').innerText()
    expect(change).toMatch(/^(Up|Down) .*from [\d,]+ before$|^The same as before: [\d,]+$/)
    expect(await page.locator('.period').innerText()).toContain('compared with the 8 days before')
  })

  test('keep the range in the address, and the back button goes back', async () => {
    const { summary: month } = await world.rest('overview?timeRange=30d')
    const { summary: week } = await world.rest('overview?timeRange=7d')
    expect(month.totalMessagesSent).toBeGreaterThan(week.totalMessagesSent)
    await page.getByRole('button', { name: '30 days' }).click()
    await shows('Sent', month.totalMessagesSent)
    expect(new URL(page.url()).searchParams.get('range')).toBe('30d')
    await page.goBack()
    await shows('Sent', week.totalMessagesSent)
    expect(new URL(page.url()).searchParams.get('range')).toBe('7d')
  })

  test('show selected days', async () => {
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
    const { summary } = await world.rest(`overview?startDate=${day}&endDate=${day}`)
    await page.locator('.custom summary').click()
    await page.getByLabel('From', { exact: true }).fill(day)
    await page.getByLabel('To', { exact: true }).fill(day)
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await shows('Sent', summary.totalMessagesSent)
    expect(page.url()).toContain(`start=${day}&end=${day}`)
    await page.getByRole('button', { name: '7 days' }).click()
  })

  test('count days in the selected time zone', async () => {
    await chooseZone('auckland')
    const { trend, summary } = await world.rest('overview?timeRange=7d&timezone=Pacific/Auckland')
    await shows('Sent', summary.totalMessagesSent)
    expect(page.url()).toContain('zone=Pacific/Auckland')
    await until(
      async () =>
        JSON.stringify((await chartTable(page)).map(([, sent]) => Number(sent))) ===
        JSON.stringify(trend.map((day: any) => day.sent)),
      15_000,
      'the days of Auckland',
    )
    await chooseZone('UTC')
  })

  test.each([
    ['Messages', 'messages?timeRange=7d', 'Sent', (data: any) => data.summary.sent],
    ['Campaigns', 'campaigns?timeRange=7d', 'Recipients', (data: any) => data.summary.totalRecipients],
    ['Workflows', 'workflows?timeRange=7d', 'Runs', (data: any) => data.summary.totalRuns],
    ['Sequences', 'sequences?timeRange=7d', 'Enrollments', (data: any) => data.summary.totalEnrollments],
    [
      'Traffic',
      'traffic?timeRange=7d',
      'On the busiest weekday',
      (data: any) => Math.max(...data.byDayOfWeek.map((day: any) => day.messageCount)),
    ],
  ])('show on %s what %s says', async (view, question, label, value) => {
    await page.getByRole('link', { name: view }).click()
    await page.waitForSelector(`h1:text-is("${view}")`)
    await shows(label, value(await world.rest(question)))
  })

  test('shade every hour of the week by the messages sent in it', async () => {
    const { byDayOfWeek } = await world.rest('traffic?timeRange=7d')
    const rows = await page
      .locator('.heat tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].reduce((sum, cell) => sum + Number(cell.textContent), 0)),
      )
    expect(rows).toEqual(byDayOfWeek.map((day: any) => day.messageCount))
  })

  test('filter a view by a channel and by one campaign', async () => {
    await page.getByRole('link', { name: 'Campaigns' }).click()
    await page.getByLabel('Channel').selectOption('sms')
    const { summary } = await world.rest('campaigns?timeRange=7d&channel=sms')
    await shows('Recipients', summary.totalRecipients)
    await page.locator('tbody .link').first().click()
    await page.waitForSelector('.only:not([hidden])')
    const id = new URL(page.url()).searchParams.get('id')!
    const { summary: one } = await world.rest(`campaigns?timeRange=7d&channel=sms&campaignId=${id}`)
    await shows('Recipients', one.totalRecipients)
  })

  test('update their counts live, without another request', async () => {
    await page.getByRole('link', { name: 'Overview' }).click()
    const { summary } = await world.rest('overview?timeRange=7d')
    await shows('Sent', summary.totalMessagesSent)
    await page.locator('.live', { hasText: 'Live' }).waitFor()
    // From here on queries get no response: only the stream can change the numbers.
    await page.route('**/analytics/overview*', () => {})
    await world.send(messageStory('new', Date.now(), 2, { channel: 'email' }))
    await shows('Sent', summary.totalMessagesSent + 1)
    await shows('Delivered', summary.totalDelivered + 1)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.reload()
    await shows('Sent', summary.totalMessagesSent + 1)
  })

  test.each([
    ['CSV', 'csv', (bytes: Uint8Array) => new TextDecoder().decode(bytes)],
    ['Excel', 'xlsx', (bytes: Uint8Array) => readWorkbook(bytes).filter(({ name }) => name !== 'about')],
  ])('export the shown data as %s, as the API returns it', async (label, format, read) => {
    await page.getByRole('link', { name: 'Campaigns' }).click()
    await page.waitForSelector('h1:text-is("Campaigns")')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: `Export ${label}` }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(new RegExp(`^outreach-campaigns-.*\\.${format}$`))
    const channel = new URL(page.url()).searchParams.get('channel')!
    const served = await world.file(`campaigns?timeRange=7d&channel=${channel}&format=${format}`)
    expect(read(await Bun.file(await download.path()).bytes())).toEqual(read(served))
  })

  test('discard live counts when the live stream is lost', async () => {
    const other = await world.openPage('/dashboard?view=overview&range=7d&zone=UTC')
    // The session is stored when the numbers are shown: an earlier reload would lose the sign-in code.
    await other.page.waitForSelector('.tile .number')
    // A simulated stream, whose messages the test writes.
    await other.page.addInitScript(() => {
      const ask = window.fetch.bind(window)
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const writer = writable.getWriter()
      Object.assign(window, {
        tell: (text: string) => void writer.write(new TextEncoder().encode(text)),
        fetch: (address: string, init: RequestInit) =>
          address.includes('/analytics/live') ? Promise.resolve(new Response(readable)) : ask(address, init),
      })
    })
    await other.page.reload()
    await other.page.waitForSelector('.tile .number')
    const tell = (event: string, data: object) =>
      other.page.evaluate(
        (text) => (window as unknown as { tell(text: string): void }).tell(text),
        `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
      )
    const sent = (count: number) => [{ eventType: 'message_sent', channel: 'email', count }]
    const first = other.page.locator('.tile .number').first()
    const showsSent = (count: number) =>
      until(async () => (await first.innerText()) === counts.format(count), 5_000, `Sent to be ${count}`)
    await tell('snapshot', { counts: sent(70_000) })
    await showsSent(70_000)
    await tell('delta', { counts: sent(7) })
    await showsSent(70_007)
    expect(await other.page.locator('.live').innerText()).toBe('Live')
    await tell('resync', { reason: 'uncertain' })
    const { summary } = await world.rest('overview?timeRange=7d')
    await showsSent(summary.totalMessagesSent)
    await other.page.close()
  })

  test('are the same for another browser with the same address', async () => {
    const other = await world.openPage(new URL(page.url()).pathname + new URL(page.url()).search)
    await other.page.waitForSelector('.tile .number')
    expect(await tilesOf(other.page)).toEqual(await tilesOf(page))
    await other.page.close()
  })

  test('requested no other host and caused no error and no policy violation', () => {
    expect(watched.elsewhere).toEqual([])
    expect(watched.complaints).toEqual([])
  })
})

/** The live indicator and the numbers when data stops arriving, for any reason, and when it arrives again. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { startTcpProxy, type TcpProxy } from '../support/broker/tcp-proxy.ts'
import { until } from '../support/process/until.ts'
import { type DashboardFixture, messageEvents, openDashboardFixture } from './fixture/dashboard-fixture.ts'
import { kpiValuesOf, untilShown, viewShown } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC&compare=none'
const TENANT = { tenantId: 'tenant-1' }
/** The documented maximum time during which the page may look live without being so. */
const PROMISED_MS = 10_000
const MARGIN_MS = 10_000

type State = 'live' | 'polling' | 'waiting'

/** Resolves when the page shows the state of its connection. */
const shows = (page: Page, state: State, timeout = 30_000) => page.locator(`[data-live=${state}]`).waitFor({ timeout })

describe('the connection of the dashboards', () => {
  let fixture: DashboardFixture
  let proxy: TcpProxy
  /** A page that is connected through the proxy from the start of the tests. */
  let quietPage: Page

  beforeAll(async () => {
    fixture = await openDashboardFixture()
    proxy = await startTcpProxy(fixture.services.service().port)
    quietPage = (await fixture.openPage(ADDRESS, `http://127.0.0.1:${proxy.port}`)).page
    await shows(quietPage, 'live')
    await quietPage.evaluate(() => {
      const connection = { changedAt: performance.now() }
      Object.assign(window, { connection })
      new MutationObserver(() => (connection.changedAt = performance.now())).observe(
        document.querySelector('[data-live]')!,
        { attributeFilter: ['data-live'] },
      )
    })
  }, 90_000)
  afterAll(async () => {
    await fixture?.close()
    await proxy?.close()
  }, 30_000)

  const sendOne = () => fixture.send(messageEvents(crypto.randomUUID(), Date.now(), 1, { channel: 'email' }))
  const sentCount = async () => (await fixture.rest('overview?timeRange=7d')).summary.totalMessagesSent

  test.each([429, 503])('after a %d, the request is repeated at the time that the service gave', async (status) => {
    const { page } = await fixture.openAs(TENANT, ADDRESS)
    await viewShown(page, 'overview')
    let refused = 0
    await page.route('**/analytics/campaigns**', (route) =>
      refused++ < 2
        ? route.fulfill({ status, headers: { 'retry-after': '1' }, json: { error: { message: 'Try later.' } } })
        : route.continue(),
    )
    await page.getByRole('link', { name: 'Campaigns' }).click()
    await page.getByText('tries again by itself').waitFor()
    await viewShown(page, 'campaigns')
    await page.close()
  })

  test('a page without a stream polls, and shows when no response arrives', async () => {
    // The clock belongs to the context: another page of it would lose its time, too.
    const { page } = await fixture.openAs(TENANT, '/dashboard/assets/nothing', {})
    await page.clock.install()
    await page.route('**/analytics/live*', (route) => route.fulfill({ status: 403, json: {} }))
    await page.goto(fixture.baseUrl + ADDRESS)
    await viewShown(page, 'overview')
    await page.clock.runFor(4_000)
    await shows(page, 'polling')
    expect(await page.locator('[data-live]').innerText()).toBe('Up to date')
    let requested = 0
    await page.route('**/analytics/overview*', () => void requested++)
    await page.clock.runFor(4_000)
    await until(() => requested > 0, 30_000, 'the page to send its request again')
    await page.clock.runFor(PROMISED_MS)
    await shows(page, 'waiting')
    await page.context().close()
  })

  test('a stream with nothing but heartbeats stays live', async () => {
    const unchangedMs = () =>
      quietPage.evaluate(() => {
        const { connection } = window as unknown as { connection: { changedAt: number } }
        return performance.now() - connection.changedAt
      })
    // Longer than the page waits for a heartbeat. A busy machine may delay one, so the time may begin again.
    await until(async () => (await unchangedMs()) > PROMISED_MS + 1_000, 45_000, 'the state to stay the same')
    expect(await quietPage.locator('[data-live]').getAttribute('data-live')).toBe('live')
    // The next tests take some of the time until the page notices.
    proxy.swallow(true)
  })

  test('a failed load is repeated without an event', async () => {
    const { page } = await fixture.openAs(TENANT, ADDRESS)
    await shows(page, 'live')
    let isRefused = true
    let refused = 0
    await page.route('**/analytics/overview*', (route) => {
      if (!isRefused) return route.continue()
      refused++
      return route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} })
    })
    await sendOne()
    await until(() => refused > 0, 30_000, 'the page to be refused')
    await shows(page, 'waiting')
    isRefused = false
    await shows(page, 'live')
    await untilShown(page, 'Sent', await sentCount())
    await page.close()
  })

  test('a browser without a network shows that it is offline, keeps the numbers, and continues when the network is back', async () => {
    const { page } = await fixture.openAs(TENANT, ADDRESS, {})
    await shows(page, 'live')
    const before = await kpiValuesOf(page)
    await page.context().setOffline(true)
    await page.getByText('You are offline').waitFor()
    await shows(page, 'waiting')
    await sendOne()
    expect(await kpiValuesOf(page)).toEqual(before)
    await page.context().setOffline(false)
    await untilShown(page, 'Sent', await sentCount())
    await shows(page, 'live')
    expect(await page.getByText('You are offline').count()).toBe(0)
    await page.context().close()
  })

  test('a stream that stalls is shown in the promised time, and recovers', async () => {
    await shows(quietPage, 'waiting', PROMISED_MS + MARGIN_MS)
    proxy.swallow(false)
    proxy.cut()
    await shows(quietPage, 'live')
  })

  test('a restart of the service is shown, and the page recovers without a new sign-in', async () => {
    const { page } = await fixture.openAs(TENANT, ADDRESS)
    await shows(page, 'live')
    const before = await kpiValuesOf(page)
    await fixture.services.service().kill9()
    await page.getByText('The service cannot be reached').waitFor()
    expect(await kpiValuesOf(page)).toEqual(before)
    await fixture.services.startAgain()
    await shows(page, 'live')
    await sendOne()
    await untilShown(page, 'Sent', await sentCount())
    await page.close()
  })
})

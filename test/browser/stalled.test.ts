/** The live indicator of the page when data stops arriving although no connection ends. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { startTcpProxy, type TcpProxy } from '../support/broker/tcp-proxy.ts'
import { until } from '../support/process/until.ts'
import { type DashboardFixture, messageStory, openDashboardFixture } from './dashboard-fixture.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC'
/** The documented maximum time during which the page may look live without being so. */
const PROMISED_MS = 10_000
const MARGIN_MS = 10_000

describe('the dashboards behind a proxy that stalls', () => {
  let world: DashboardFixture
  let proxy: TcpProxy
  beforeAll(async () => {
    world = await openDashboardFixture()
    proxy = await startTcpProxy(world.fixture.service().port)
  }, 90_000)
  afterAll(async () => {
    await world?.close()
    await proxy?.close()
  }, 30_000)

  const stateOf = (page: Page) => page.locator('.live').innerText()
  const says = (page: Page, text: string, timeoutMs = 15_000) =>
    until(async () => (await stateOf(page)) === text, timeoutMs, `the page to say ${text}`)

  test('are live while messages arrive, show when they are not, and recover', async () => {
    const { page } = await world.openPage(ADDRESS, `http://127.0.0.1:${proxy.port}`)
    await says(page, 'Live')
    // Longer than the timeout of the page, with heartbeats only.
    await Bun.sleep(PROMISED_MS + 1_000)
    expect(await stateOf(page)).toBe('Live')
    proxy.swallow(true)
    await says(page, 'Reconnecting…', PROMISED_MS + MARGIN_MS)
    proxy.swallow(false)
    proxy.cut()
    await says(page, 'Live', 30_000)
    await page.close()
  })

  test('show the same when the stream is refused and the page polls', async () => {
    const { page } = await world.openStrange('/dashboard/assets/nothing')
    await page.clock.install()
    await page.route('**/analytics/live*', (route) => route.fulfill({ status: 403, json: {} }))
    await page.goto(world.baseUrl + ADDRESS + new URL(world.link()).hash)
    await page.waitForSelector('.tile .number')
    await page.clock.runFor(4_000)
    await says(page, 'Up to date')
    let asked = 0
    await page.route('**/analytics/overview*', () => void asked++)
    await page.clock.runFor(4_000)
    await until(() => asked > 0, 15_000, 'the page to ask again')
    await page.clock.runFor(PROMISED_MS)
    await says(page, 'Reconnecting…')
    await page.close()
  })

  test('stop showing a reconnect when it has ended: a failed request is repeated', async () => {
    const { page } = await world.openPage(ADDRESS)
    await says(page, 'Live')
    let isRefused = true
    let refused = 0
    await page.route('**/analytics/overview*', (route) => {
      if (!isRefused) return route.continue()
      refused++
      return route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} })
    })
    await world.send(messageStory(crypto.randomUUID(), Date.now(), 1, { channel: 'email' }))
    await until(() => refused > 0, 15_000, 'the page to be refused')
    await says(page, 'Reconnecting…')
    isRefused = false
    // No event is stored, so the page receives no reason to send a query.
    await says(page, 'Live')
    await page.close()
  })
})

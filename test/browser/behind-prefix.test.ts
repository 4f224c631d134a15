/** The page below a path prefix that a proxy adds: all its requests must have this prefix. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type PrefixProxy, startPrefixProxy } from '../support/http/prefix-proxy.ts'
import { until } from '../support/process/until.ts'
import { type DashboardFixture, messageStory, openDashboardFixture } from './dashboard-fixture.ts'

setDefaultTimeout(60_000)
const PREFIX = '/analytics/'
const counts = new Intl.NumberFormat('en')

describe('the dashboards behind a proxy with a path prefix', () => {
  let world: DashboardFixture
  const proxies: PrefixProxy[] = []
  beforeAll(async () => {
    world = await openDashboardFixture()
  }, 90_000)
  afterAll(async () => {
    await world?.close()
    for (const proxy of proxies) proxy.close()
  }, 30_000)

  const showsSent = (page: Page, count: number) =>
    until(
      async () => (await page.locator('.tile .number').first().innerText()) === counts.format(count),
      15_000,
      `Sent to be ${count}`,
    )

  test.each([
    ['dashboard', {}],
    ['dashboard/', {}],
    ['dashboard', { 'x-forwarded-prefix': '/analytics', 'x-forwarded-for': '203.0.113.9' }],
    ['dashboard/', { 'x-forwarded-prefix': '/analytics', 'x-forwarded-for': '203.0.113.9' }],
  ])('%s with %o signs in, shows numbers, ticks, changes views and exports', async (path, headers) => {
    const proxy = await startPrefixProxy(world.fixture.service().port, PREFIX, headers)
    proxies.push(proxy)
    const { page, elsewhere } = await world.openPage(`${PREFIX}${path}?view=overview&range=7d&zone=UTC`, proxy.baseUrl)
    // The sign-in link for developers is not under test here and does not depend on the prefix.
    await page.locator('.frame, .gate').waitFor()
    if (await page.locator('.frame').isVisible()) await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token or API key').fill(world.tokenFor({ tenantId: 'tenant-1' }))
    await page.getByRole('button', { name: 'Sign in' }).click()

    const { summary } = await world.rest('overview?timeRange=7d')
    await page.locator('.live', { hasText: 'Live' }).waitFor()
    await showsSent(page, summary.totalMessagesSent)
    await world.send(messageStory(crypto.randomUUID(), Date.now(), 1, { channel: 'email' }))
    await showsSent(page, summary.totalMessagesSent + 1)

    await page.getByRole('link', { name: 'Campaigns' }).click()
    await page.waitForSelector('h1:text-is("Campaigns")')
    expect(new URL(page.url()).pathname).toBe(PREFIX + path)
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export CSV' }).click()
    const download = await downloading
    expect(await Bun.file(await download.path()).text()).toContain('campaignId')

    await page.reload()
    await page.waitForSelector('.tile .number')
    expect(proxy.asked.filter((asked) => !asked.startsWith(PREFIX) && asked !== '/favicon.ico')).toEqual([])
    expect(proxy.asked.some((asked) => asked.startsWith(`${PREFIX}dashboard/session`))).toBe(true)
    expect(elsewhere).toEqual([])
    await page.close()
  })
})

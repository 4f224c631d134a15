/** The page and the API docs behind the documented nginx: TLS ends there, and all their requests need its path prefix. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Nginx, NGINX_PREFIX, startNginx } from '../../support/http/nginx.ts'
import { until } from '../../support/process/until.ts'
import { type DashboardFixture, messageEvents, openDashboardFixture } from '../fixture/dashboard-fixture.ts'
import { untilShown, viewShown } from '../fixture/page-reading.ts'

setDefaultTimeout(60_000)
const PREFIX = `${NGINX_PREFIX}/`

describe('behind nginx', () => {
  let fixture: DashboardFixture
  const proxies = new Map<boolean, Nginx>()
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    for (const sendsPrefix of [true, false])
      proxies.set(sendsPrefix, await startNginx({ targetPort: fixture.services.service().port, sendsPrefix }))
  }, 90_000)
  afterAll(async () => {
    await fixture?.close()
    for (const nginx of proxies.values()) await nginx.stop()
  }, 30_000)

  /** The browser itself requests the icon of an origin, and a test the prefix without its slash. */
  const strays = (nginx: Nginx) =>
    nginx.requested().filter((path) => !path.startsWith(PREFIX) && !['/favicon.ico', NGINX_PREFIX].includes(path))
  const PAGES: [string, boolean][] = [
    ['dashboard', true],
    ['dashboard/', false],
    ['dashboard/', true],
    ['dashboard', false],
  ]
  test.each(PAGES)(
    'the page at %s, with the prefix in a header: %p, signs in, shows numbers, ticks, changes views and exports',
    async (path, sendsPrefix) => {
      const nginx = proxies.get(sendsPrefix)!
      const address = `${PREFIX}${path}?view=overview&range=7d&zone=UTC`
      const { page, elsewhere, complaints } = await fixture.openPage(address, nginx.origin)
      // The fixture opens the page with the code of the current sign-in link.
      await viewShown(page, 'overview')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('Token or API key').fill(fixture.tokenFor({ tenantId: 'tenant-1' }))
      await page.getByRole('button', { name: 'Sign in' }).click()

      const { summary } = await fixture.rest('overview?timeRange=7d')
      await page.locator('[data-live=live]').waitFor()
      await untilShown(page, 'Sent', summary.totalMessagesSent)
      await fixture.send(messageEvents(crypto.randomUUID(), Date.now(), 1, { channel: 'email' }))
      await untilShown(page, 'Sent', summary.totalMessagesSent + 1)

      await page.getByRole('link', { name: 'Campaigns' }).click()
      await viewShown(page, 'campaigns')
      expect(new URL(page.url()).pathname).toBe(PREFIX + path)
      const downloading = page.waitForEvent('download')
      await page.getByRole('group', { name: 'Download' }).getByRole('button', { name: 'CSV' }).click()
      const download = await downloading
      expect(await Bun.file(await download.path()).text()).toContain('campaignId')

      await page.reload()
      await viewShown(page, 'campaigns')
      expect(strays(nginx)).toEqual([])
      expect([elsewhere, complaints]).toEqual([[], []])
      expect(nginx.requested()).toContain(`${PREFIX}dashboard/session`)
      await page.close()
      // A stream is logged when it has ended: the page read numbers as a stream, and did not poll.
      const wasStreamed = () => nginx.requested().some((asked) => asked.startsWith(`${PREFIX}api/v1/analytics/live?`))
      await until(wasStreamed, 15_000, 'the stream to be logged')
    },
  )

  test.each([
    ['/analytics/', true],
    ['/analytics', false],
  ])('%s leads to the page below the prefix', async (path, sendsPrefix) => {
    const { page, elsewhere } = await fixture.openSignedOut(path, proxies.get(sendsPrefix)!.origin)
    await page.getByLabel('Token or API key').waitFor()
    expect([new URL(page.url()).pathname, elsewhere]).toEqual([`${PREFIX}dashboard`, []])
    await page.close()
  })

  test.each([
    ['docs', true],
    ['docs', false],
    ['docs/', false],
  ])(
    'the API docs at %s, with the prefix in a header: %p, load their assets and try their operations',
    async (path, sendsPrefix) => {
      const nginx = proxies.get(sendsPrefix)!
      const { page, elsewhere } = await fixture.openSignedOut(PREFIX + path, nginx.origin)
      const overview = page.locator('#operations-Dashboards-overview')
      await overview.locator('.authorization__btn').click()
      await page.locator('#auth-bearer-value:focus').waitFor()
      await page.keyboard.insertText(fixture.tokenFor({ tenantId: 'tenant-1' }))
      await page.keyboard.press('Enter')
      await page.locator('.modal-ux button.btn-done').first().click()
      expect(await page.locator('.servers select').inputValue()).toBe(nginx.baseUrl)
      await overview.locator('.opblock-summary-control').click()
      const answered = page.waitForResponse((response) => response.url().includes('/api/v1/analytics/overview'))
      await overview.locator('button.execute').click()
      const answer = await answered
      expect([elsewhere, strays(nginx)]).toEqual([[], []])
      expect(answer.url()).toStartWith(`${nginx.baseUrl}/api/v1/analytics/overview?`)
      expect(answer.status()).toBe(200)
      await page.close()
    },
  )
})

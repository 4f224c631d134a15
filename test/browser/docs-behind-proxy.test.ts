import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openServiceFixture, type ServiceFixture } from '../support/process/service-fixture.ts'
import { type Browser, openBrowser } from '../support/runtimes/chromium.ts'
import { startStrippingProxy } from '../support/http/stripping-proxy.ts'
import { token } from '../support/http/tokens.ts'

const PREFIX = '/analytics'
const PATIENCE_MS = 15_000

describe('the API docs behind a proxy that removes a path prefix', () => {
  let fixture: ServiceFixture
  let browser: Browser

  beforeAll(async () => {
    fixture = await openServiceFixture()
    browser = await openBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await fixture?.close()
  }, 30_000)

  /** Opens the page through a proxy and queries the overview. Requests to the service outside the prefix are recorded as strays. */
  async function tryOut(path: string, headers: Record<string, string>) {
    const proxy = startStrippingProxy({ target: fixture.service().baseUrl, prefix: PREFIX, headers })
    const page = await browser.context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(`${proxy.baseUrl}/`) && !request.url().startsWith('data:'))
        elsewhere.push(request.url())
    })
    try {
      await page.goto(proxy.baseUrl + path)
      const overview = page.locator('#operations-Dashboards-overview')
      await overview.locator('.authorization__btn').click()
      await page.locator('#auth-bearer-value:focus').waitFor()
      await page.keyboard.insertText(token(fixture.service().secret, { tenantId: 'tenant-1' }))
      await page.keyboard.press('Enter')
      await page.locator('.modal-ux button.btn-done').first().click()
      await overview.locator('.opblock-summary-control').click()
      const answered = page.waitForResponse((response) => response.url().includes('/api/v1/analytics/overview'))
      await overview.locator('button.execute').click()
      const answer = await answered
      return { status: answer.status(), url: answer.url(), strays: [...elsewhere, ...proxy.strays], proxy }
    } finally {
      await page.close()
      await proxy.stop()
    }
  }

  test.each([
    ['that says so', { 'x-forwarded-prefix': PREFIX }, '/docs'],
    ['that does not', {}, '/docs'],
    ['with a slash at the end of its address', {}, '/docs/'],
  ] as const)('%s load their assets and try their operations', async (_, headers, path) => {
    const { status, url, strays, proxy } = await tryOut(path, headers)
    expect(strays).toEqual([])
    expect(url).toStartWith(`${proxy.baseUrl}/api/v1/analytics/overview?`)
    expect(status).toBe(200)
  })
})

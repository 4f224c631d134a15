import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { type ServiceFixture, openServiceFixture } from '../support/process/service-fixture.ts'
import { type Browser, openBrowser } from '../support/runtimes/chromium.ts'
import { publish } from '../support/broker/nats-server.ts'
import { token } from '../support/http/tokens.ts'
import { until } from '../support/process/until.ts'
import { IS_FULL } from '../support/base/depth.ts'
import { DASHBOARD_NAMES } from '../../src/analytics/dashboards/dashboards.ts'

const ROOT = '/api/v1/analytics'
const SENT = 3
const PATIENCE_MS = 15_000

describe('the API docs in a browser', () => {
  let fixture: ServiceFixture
  let browser: Browser
  let page: Page
  const elsewhere: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    fixture = await openServiceFixture()
    const { baseUrl } = fixture.service()
    const events = Array.from({ length: SENT }, (_, index) => {
      const data = { messageId: `m-${index}`, channel: 'email', templateId: 'tpl-1', templateName: 'Welcome Email' }
      const event = { eventId: `e-${index}`, tenantId: 'tenant-1', timestamp: new Date().toISOString(), data }
      return ['pipeline.message.sent', event] as const
    })
    await publish(fixture.nats.url, events)
    const counted = async () =>
      (await fixture.service().get(`${ROOT}/overview`)).text.includes(`"totalMessagesSent":${SENT}`)
    await until(counted, 20_000, 'the events to be counted')

    browser = await openBrowser()
    await browser.context.route('**/*', async (route) => {
      const url = route.request().url()
      if (new URL(url).origin === baseUrl) return route.continue()
      elsewhere.push(url)
      return route.abort()
    })
    page = await browser.context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
    // The document receives an event per policy violation, even if the console does not show it.
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} ${blockedURI}`),
      )
    })
    await page.goto(`${baseUrl}/docs`)
    await page.waitForSelector('.opblock')
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await fixture?.close()
  }, 30_000)

  const overview = () => page.locator('#operations-Dashboards-overview')
  const shownResponse = () => overview().locator('.live-responses-table .response')

  async function execute(): Promise<{ status: string; body: string }> {
    const answered = page.waitForResponse((response) => response.url().includes(`${ROOT}/overview`))
    await overview().locator('button.execute').click()
    const status = String((await answered).status())
    await shownResponse().locator('.response-col_status', { hasText: status }).waitFor()
    return { status, body: await shownResponse().locator('.highlight-code').first().innerText() }
  }

  test('list the dashboards, the searches, queries, cohorts, funnels, reports, schedules, alerts, the live stream and the health checks', async () => {
    const paths = await page.locator('.opblock-summary-path').allInnerTexts()
    // The page inserts invisible spaces so that long paths can wrap.
    const shown = paths.map((path) => path.replaceAll('\u200B', ''))
    expect(shown).toEqual([
      ...DASHBOARD_NAMES.map((name) => `${ROOT}/${name}`),
      ...[
        ...['events/search', 'messages/search', 'messages/{messageId}', 'contacts/{contactId}'],
        ...['query', 'query/schema', 'cohorts', 'cohorts/members'],
        ...['funnels', 'funnels/members', 'funnels/presets'],
        ...['reports', 'reports', ...Array.from({ length: 3 }, () => 'reports/{reportId}')],
        ...['reports/{reportId}/versions', 'reports/{reportId}/run'],
        ...['schedules', 'schedules', ...Array.from({ length: 3 }, () => 'schedules/{scheduleId}')],
        ...['deliveries', 'deliveries/{deliveryId}/resend', 'test'].map((name) => `schedules/{scheduleId}/${name}`),
        ...['alerts', 'alerts', 'alerts/presets', 'alerts/backtest'],
        ...Array.from({ length: 3 }, () => 'alerts/{alertId}'),
        ...['alerts/{alertId}/history', 'alerts/{alertId}/snooze'],
        ...['live', 'live/ws', 'live/ticket'],
      ].map((name) => `${ROOT}/${name}`),
      '/health/live',
      '/health/ready',
    ])
    expect(await page.title()).toBe('Outreach Analytics API')
  })

  test('links the AsyncAPI document of the events', async () => {
    const address = await page
      .getByRole('link', { name: 'AsyncAPI document' })
      .evaluate((link) => (link as HTMLAnchorElement).href)
    expect(address).toBe(`${fixture.service().baseUrl}/docs/events.json`)
    expect(await (await fetch(address)).json()).toMatchObject({ asyncapi: '3.0.0' })
  })

  test('show a real response as the example before any request', async () => {
    await overview().locator('.opblock-summary-control').click()
    await overview().locator('button.execute').waitFor()
    const example = overview().locator('.responses-table .highlight-code').first()
    expect(await example.innerText()).toContain('"totalMessagesSent": 2000')
  })

  test('show 401 for an attempt without a token', async () => {
    const { status, body } = await execute()
    expect(status).toBe('401')
    expect(body).toContain('A valid bearer token or API key is required.')
    // The browser logs every 401 of a fetch; it must log nothing else.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('401')])
  })

  test('accept a token pasted into the first field and show the numbers of its tenant', async () => {
    await page.locator('.scheme-container button.authorize').click()
    const dialog = page.locator('.modal-ux')
    await dialog.locator('#auth-bearer-value:focus').waitFor()
    await page.keyboard.insertText(token(fixture.service().secret, { tenantId: 'tenant-1' }))
    await page.keyboard.press('Enter')
    await dialog.locator('.auth-container', { hasText: 'Authorized' }).waitFor()
    await dialog.locator('button.btn-done').first().click()
    const { status, body } = await execute()
    expect(status).toBe('200')
    expect(body).toContain(`"totalMessagesSent": ${SENT}`)
    const asked = await overview().locator('.request-url').innerText()
    expect(asked).toContain(`${fixture.service().baseUrl}${ROOT}/overview?timeRange=7d&timezone=UTC`)
  })

  test.each(IS_FULL ? (['light', 'dark'] as const) : (['dark'] as const))(
    'are accessible in the %s theme, which follows the browser',
    async (colorScheme) => {
      // Colours on their way from one theme to the other would count.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.locator(colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)').waitFor()
      const shade = () =>
        page.evaluate(() => {
          const [red = 0, green = 0, blue = 0] = getComputedStyle(document.documentElement)
            .backgroundColor.match(/\d+/g)!
            .map(Number)
          return Math.max(red, green, blue) < 64 ? 'dark' : Math.min(red, green, blue) > 192 ? 'light' : 'neither'
        })
      expect(await shade()).toBe(colorScheme)
      expect(await violationsOf(page)).toEqual([])
    },
  )

  test('are light on paper, whatever the theme', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('html.dark-mode').waitFor()
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.locator('html.dark-mode').count()).toBe(0)
    await page.evaluate(() => dispatchEvent(new Event('afterprint')))
    expect(await page.locator('html.dark-mode').count()).toBe(1)
  })

  test('show which control has the focus', async () => {
    await page.getByRole('link', { name: 'AsyncAPI document' }).focus()
    const controls: string[] = []
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab')
      controls.push(
        await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
          return `${outlineStyle} ${outlineWidth}`
        }),
      )
    }
    expect(new Set(controls)).toEqual(new Set(['solid 3px']))
  })

  test('fit on a phone, with an operation open', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await overview().locator('button.execute').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })

  test('requested no other host and caused no error and no policy violation', () => {
    expect(elsewhere).toEqual([])
    expect(complaints).toEqual([])
  })

  test('enforce their policy: scripts of another origin and inline scripts do not run', async () => {
    const ran = await page.evaluate(async () => {
      const inline = document.createElement('script')
      inline.textContent = 'window.inlineRan = true'
      document.body.append(inline)
      const foreign = document.createElement('script')
      foreign.src = 'http://127.0.0.1:9/x.js'
      const refused = new Promise((resolve) => foreign.addEventListener('error', () => resolve(true)))
      document.body.append(foreign)
      return { inline: 'inlineRan' in window, refused: await refused }
    })
    expect(ran).toEqual({ inline: false, refused: true })
    expect(complaints.splice(0).filter((each) => each.startsWith('error: policy: script-src'))).toHaveLength(2)
  })
})

/** What axe finds, without the rules that the structure of Swagger UI itself breaks. */
async function violationsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const rules = Object.fromEntries(
      ['heading-order', 'nested-interactive', 'region'].map((rule) => [rule, { enabled: false }]),
    )
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      rules,
      resultTypes: ['violations'],
    })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}

/** Reports and schedules: a report is built from the explorer, shown, put on a wall and sent by mail; a change of somebody else is not overwritten. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { TestMailServer } from '../support/mail/mail-server.ts'
import { until } from '../support/process/until.ts'
import { type DashboardFixture, openDashboardFixture, type WatchedPage } from './dashboard-fixture.ts'
import { accessibilityViolationsOf, openView, overflowOf, viewShown, violationsInBothThemes } from './page-reading.ts'

setDefaultTimeout(60_000)
/** A schedule has minutes: the next one is up to a minute away. */
const DELIVERY_TIMEOUT_MS = 150_000
const MINUTE_MS = 60_000
const WRITER = { tenantId: 'tenant-1', scope: 'analytics:read analytics:export analytics:contacts analytics:write' }
const READER = { tenantId: 'tenant-1', scope: 'analytics:read' }
const PHONE = { width: 390, height: 844 }
const WINDOW = { width: 1280, height: 1000 }
const ADDRESS = '/dashboard?range=30d&zone=Europe/Berlin'

describe('reports', () => {
  let fixture: DashboardFixture
  let mail: TestMailServer
  let watched: WatchedPage
  let page: Page
  const request = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(WRITER)}`, 'content-type': 'application/json' }
    const response = await fetch(`${fixture.baseUrl}/api/v1/analytics/${path}`, {
      ...init,
      headers: { ...headers, ...init.headers },
    })
    if (!response.ok) throw new Error(await response.text())
    return { data: ((await response.json()) as { data: any }).data, etag: response.headers.get('etag')! }
  }
  const reportId = () => new URL(page.url()).searchParams.get('id')!
  const titlesOf = () => page.getByRole('textbox', { name: /^Block .*: Title$/ })
  const shownTitles = () => titlesOf().evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))
  const save = async () => {
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('The report is saved.').waitFor()
  }
  const openPage = (name: string) =>
    page.getByRole('navigation', { name: 'Pages of the report' }).getByRole('link', { name, exact: true }).click()

  beforeAll(async () => {
    mail = await TestMailServer.start()
    fixture = await openDashboardFixture({
      SMTP_URL: mail.url,
      MAIL_FROM: 'reports@stats.example',
      PUBLIC_URL: 'http://stats.example',
    })
    watched = await fixture.openAs(WRITER, `${ADDRESS}&view=explorer`)
    page = watched.page
  }, 90_000)
  afterAll(async () => {
    await fixture?.close()
    await mail?.stop()
  }, 30_000)

  test('a report is begun in the explorer, and takes a funnel and parts of dashboards', async () => {
    await viewShown(page, 'explorer')
    await page.getByRole('button', { name: 'Add to a report' }).click()
    await page.getByRole('link', { name: 'New report' }).click()
    await viewShown(page, 'reports')
    expect(await shownTitles()).toHaveLength(1)
    await page.getByLabel('Name', { exact: true }).fill('Weekly numbers')
    // The numbers are there before the report is.
    await page.locator('.block-preview .chart').waitFor()
    await save()
    const { data } = await request(`reports/${reportId()}`)
    expect(data).toMatchObject({
      name: 'Weekly numbers',
      timezone: 'Europe/Berlin',
      blocks: [{ kind: 'query', chart: 'line' }],
    })
    await openView(page, 'Funnels')
    await viewShown(page, 'funnels')
    await page.getByRole('button', { name: 'Add to a report' }).click()
    await page.getByRole('link', { name: 'Weekly numbers' }).click()
    await viewShown(page, 'reports')
    await page.getByLabel('Dashboard', { exact: true }).selectOption('campaigns')
    await page.getByRole('button', { name: 'Add a part of a dashboard' }).click()
    expect(await shownTitles()).toHaveLength(3)
    expect(await page.getByText('There are unsaved changes.').count()).toBe(1)
  })

  test('unsaved changes are there after a look at another view', async () => {
    const before = await shownTitles()
    await openView(page, 'Overview')
    await viewShown(page, 'overview')
    await page.goBack()
    await viewShown(page, 'reports')
    expect(await shownTitles()).toEqual(before)
  })

  test('a block moves by the keyboard, which is announced, and keeps the focus', async () => {
    const before = await shownTitles()
    await page.getByRole('button', { name: /^Move Block 3.* up$/ }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    expect(await shownTitles()).toEqual([before[2]!, before[0]!, before[1]!])
    expect(await page.locator('[data-announcement]').textContent()).toBe(`${before[2]} is now block 1 of 3.`)
    expect(await page.evaluate(() => document.activeElement!.getAttribute('aria-label'))).toMatch(
      /^Move Block 1.* down$/,
    )
  })

  test('a mistake stands at its block', async () => {
    const title = titlesOf().first()
    const before = await title.inputValue()
    await title.fill('')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Give the block a title').waitFor()
    expect(await title.getAttribute('aria-invalid')).toBe('true')
    await title.fill(before)
    await save()
    const { data } = await request(`reports/${reportId()}`)
    expect(data.blocks.map(({ kind }: { kind: string }) => kind)).toEqual(['dashboard', 'query', 'funnel'])
  })

  test('the builder has no accessibility violation and fits a phone', async () => {
    await page.locator('.block-preview .funnel').waitFor()
    expect(await violationsInBothThemes(page)).toEqual([])
    await page.setViewportSize(PHONE)
    expect(await overflowOf(page)).toBe(0)
    await page.setViewportSize(WINDOW)
  })

  test('a schedule spells out its next runs in its zone before and after it is saved', async () => {
    await openPage('Schedules')
    await viewShown(page, 'reports')
    await page.getByRole('link', { name: 'New schedule' }).click()
    await page.getByLabel('Recipients').fill('team@stats.example')
    const runs = page.getByRole('region', { name: /^The next three runs/ }).getByRole('listitem')
    expect(await runs.allTextContents()).toHaveLength(3)
    expect((await runs.allTextContents()).every((text) => text.startsWith('Monday'))).toBe(true)
    // The next minute but one, so that it has not passed when the form is sent.
    const soon = new Date(
      Math.floor(Date.now() / MINUTE_MS + 1) * MINUTE_MS + (new Date().getUTCSeconds() > 40 ? MINUTE_MS : 0),
    )
    await page.getByLabel('How often').selectOption('daily')
    await page
      .getByLabel('At', { exact: true })
      .fill(new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(soon))
    await page.getByLabel('CSV').check()
    await page.getByLabel('Excel').check()
    const before = await runs.allTextContents()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('The schedule is saved.').waitFor()
    await viewShown(page, 'reports')
    expect(await runs.allTextContents()).toEqual(before)
    const { data } = await request('schedules')
    expect(data.schedules).toMatchObject([
      { every: { kind: 'daily' }, timezone: 'Europe/Berlin', attachments: ['csv', 'xlsx'] },
    ])
    const times = await runs.locator('time').evaluateAll((all) => all.map((time) => time.getAttribute('datetime')))
    expect(times.map((time) => Date.parse(time!))).toEqual(
      data.schedules[0].nextRuns.slice(0, 3).map((time: string) => Date.parse(time)),
    )
  })

  test('a mistake in an address is named, and a test is sent at once', async () => {
    await page.getByLabel('Recipients').fill('team@stats.example, nobody')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('“nobody” is not a mail address').waitFor()
    await page.getByLabel('Recipients').fill('team@stats.example')
    await page.getByLabel('To', { exact: true }).fill('me@stats.example')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('The test was sent to me@stats.example.').waitFor()
    expect(mail.receivedFor('me@stats.example')).toHaveLength(1)
    expect(await violationsInBothThemes(page)).toEqual([])
  })

  test('the view shows each block by its chart, without a violation, and fits a phone', async () => {
    await openPage('Report')
    await viewShown(page, 'reports')
    expect(await page.locator('.report-block h2').allTextContents()).toEqual(
      (await request(`reports/${reportId()}`)).data.blocks.map(({ title }: { title: string }) => title),
    )
    expect(await page.locator('.report-block .data-table').count()).toBeGreaterThan(0)
    expect(await page.locator('.report-block.of-line .chart').count()).toBe(1)
    expect(await page.locator('.report-block .funnel').count()).toBe(1)
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.setViewportSize(PHONE)
    expect(await overflowOf(page)).toBe(0)
    await page.setViewportSize(WINDOW)
  })

  test('the wall has no control, and Escape leads back to the report', async () => {
    await page.getByRole('button', { name: 'Full screen' }).click()
    await page.locator('.wall .funnel').waitFor()
    expect(await page.locator('nav:visible, .wall [role="tab"]:visible').count()).toBe(0)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Full screen' }).waitFor()
    expect(new URL(page.url()).searchParams.get('definition')).toBeNull()
  })

  test('a change of somebody else is not overwritten: the newer version can be loaded', async () => {
    await openPage('Edit')
    await viewShown(page, 'reports')
    await page.getByLabel('Name', { exact: true }).fill('Mine')
    const { data, etag } = await request(`reports/${reportId()}`)
    const { description = '', blocks, timezone } = data
    const body = JSON.stringify({ name: 'Theirs', description, blocks, timezone })
    await request(`reports/${reportId()}`, { method: 'PUT', headers: { 'if-match': etag }, body })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Somebody else has changed it meanwhile').waitFor()
    expect((await request(`reports/${reportId()}`)).data.name).toBe('Theirs')
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine')
    await page.getByRole('button', { name: 'Load the newer version' }).click()
    await page.getByText('The newer version is shown.').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Theirs')
  })

  test(
    'the log shows the delivery, and sends it again',
    async () => {
      await openPage('Schedules')
      await viewShown(page, 'reports')
      await until(
        () => Promise.resolve(mail.accepted.some(({ recipient }) => recipient === 'team@stats.example')),
        DELIVERY_TIMEOUT_MS,
        'the mail',
      )
      await page.getByRole('link', { name: /^Daily at/ }).click()
      await viewShown(page, 'reports')
      const log = page.getByRole('region', { name: 'Delivery log' }).first()
      const readLog = async () => {
        await page.reload()
        await viewShown(page, 'reports')
        return log.locator('tbody tr').allInnerTexts()
      }
      await until(async () => (await readLog()).some((row) => row.includes('Sent')), DELIVERY_TIMEOUT_MS, 'the log')
      await log.getByRole('button', { name: /^Send again to team@stats.example/ }).click()
      await until(
        () => Promise.resolve(mail.receivedFor('team@stats.example').length === 2),
        DELIVERY_TIMEOUT_MS,
        'the second mail',
      )
      expect(await accessibilityViolationsOf(page)).toEqual([])
    },
    2 * DELIVERY_TIMEOUT_MS,
  )

  test('a report is deleted after a question, but not while a schedule sends it', async () => {
    await openPage('Report')
    await page.getByRole('button', { name: 'Delete the report' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('cannot be deleted while schedules send it').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await openPage('Schedules')
    await page.getByRole('link', { name: /^Daily at/ }).click()
    await page.getByRole('button', { name: 'Delete the schedule' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Nobody receives this report yet.').waitFor()
    await openPage('Report')
    await page.getByRole('button', { name: 'Delete the report' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('There is no report yet.').waitFor()
    // A refused change is an error of the network for the console, and the page explains it.
    const complaints = watched.complaints.filter((text) => !/status of (400|409|412)/.test(text))
    expect([complaints, watched.elsewhere]).toEqual([[], []])
  })

  test('a user without the scope reads everything, sees no control, and learns why', async () => {
    const { data } = await request('reports', {
      method: 'POST',
      body: JSON.stringify({
        name: 'Read only',
        timezone: 'UTC',
        blocks: [
          { title: 'All', kind: 'dashboard', chart: 'number', body: { dashboard: 'overview', timeRange: '30d' } },
        ],
      }),
    })
    const { page: reader } = await fixture.openAs(READER, `${ADDRESS}&view=reports`)
    await viewShown(reader, 'reports')
    await reader.getByText('Changing them needs the scope analytics:write.').waitFor()
    expect(await reader.getByRole('link', { name: 'New report' }).count()).toBe(0)
    await reader.getByRole('link', { name: 'Read only' }).click()
    await reader.locator('.report-block .kpi-card').first().waitFor()
    expect(new URL(reader.url()).searchParams.get('id')).toBe(data.id)
    expect(await reader.getByRole('button', { name: 'Delete the report' }).count()).toBe(0)
    expect(await reader.getByRole('link', { name: 'Edit', exact: true }).count()).toBe(0)
  })
})

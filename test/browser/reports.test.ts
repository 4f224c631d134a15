/** Reports and schedules: a report is built from the explorer, shown, put on a wall and sent by mail; a change of somebody else is not overwritten. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { until } from '../support/process/until.ts'
import {
  accessibilityViolationsOf,
  openView,
  overflowOf,
  viewShown,
  violationsInBothThemes,
} from './fixture/page-reading.ts'
import { ADDRESS, openReportPage, type ReportPage } from './fixture/report-page.ts'
import { describeDeliveries, describeScheduleEditor } from './cases/schedule-cases.ts'

setDefaultTimeout(60_000)
const READER = { tenantId: 'tenant-1', scope: 'analytics:read' }
const PHONE = { width: 390, height: 844 }
const WINDOW = { width: 1280, height: 1000 }

describe('reports', () => {
  let opened: ReportPage
  let page: Page
  let request: ReportPage['request']
  let openPage: ReportPage['openPage']
  const reportId = () => opened.reportId()
  const titlesOf = () => page.getByRole('textbox', { name: /^Block .*: Title$/ })
  const shownTitles = () => titlesOf().evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))
  const isFullScreen = () => page.evaluate(() => document.fullscreenElement !== null)
  const save = async () => {
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    // The message of an earlier change may still be on the page.
    await page.getByText('Everything is saved.').waitFor()
  }
  beforeAll(async () => {
    opened = await openReportPage()
    ;({ page, request, openPage } = opened)
  }, 90_000)
  afterAll(() => opened?.close(), 30_000)

  test('a report is begun in the explorer, and takes a funnel and parts of dashboards', async () => {
    await viewShown(page, 'explorer')
    await page.getByRole('button', { name: 'Add to a report' }).click()
    const create = page.getByRole('link', { name: 'New report' })
    await create.waitFor()
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await create.click()
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
    // The previews move what is below them when they appear.
    await page.locator('.block-preview').nth(1).waitFor()
    await page.locator('.block-preview[aria-busy=true]').first().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add a part of a dashboard' }).click()
    await until(async () => (await shownTitles()).length === 3, 10_000)
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
    expect(data.blocks.map(({ kind }) => kind)).toEqual(['dashboard', 'query', 'funnel'])
  })

  test('the builder has no accessibility violation and fits a phone', async () => {
    await page.locator('.block-preview .funnel').waitFor()
    expect(await violationsInBothThemes(page)).toEqual([])
    await page.setViewportSize(PHONE)
    expect(await overflowOf(page)).toBe(0)
    await page.setViewportSize(WINDOW)
  })

  describeScheduleEditor(() => opened)

  test('the view shows each block by its chart, without a violation, and fits a phone', async () => {
    await openPage('Report')
    await viewShown(page, 'reports')
    expect(await page.locator('.report-block h2').allTextContents()).toEqual(
      (await request(`reports/${reportId()}`)).data.blocks.map(({ title }) => title),
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
    expect(await isFullScreen()).toBe(true)
    expect(await page.locator('nav:visible, .wall [role="tab"]:visible').count()).toBe(0)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Full screen' }).waitFor()
    expect(await isFullScreen()).toBe(false)
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

  test('an earlier version is opened by the keyboard, and restored as a new one', async () => {
    const { data: before } = await request(`reports/${reportId()}`)
    const first = `Version ${before.version - 1}`
    expect(before.version).toBeGreaterThan(1)
    await openPage('Versions')
    await viewShown(page, 'reports')
    const versions = page.getByRole('region', { name: 'Versions', exact: true }).getByRole('listitem')
    expect(await versions.getByRole('link').allInnerTexts()).toEqual(
      Array.from({ length: before.version }, (_, index) => `Version ${before.version - index}`),
    )
    expect(await versions.first().innerText()).toMatch(/Theirs · 3 blocks\s+Current$/)
    await versions.getByRole('link', { name: first, exact: true }).focus()
    await page.keyboard.press('Enter')
    const card = page.getByRole('region', { name: new RegExp(`^${first}, saved on`) })
    await card.getByText('Weekly numbers').waitFor()
    expect(await card.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(
      before.blocks.map(({ title }) => title),
    )
    await card.locator('.block-preview .funnel').waitFor()
    expect(await card.getByRole('textbox').count()).toBe(0)
    expect(await violationsInBothThemes(page)).toEqual([])
    await page.setViewportSize(PHONE)
    expect(await overflowOf(page)).toBe(0)
    await page.setViewportSize(WINDOW)
    await card.getByRole('button', { name: `Restore ${first.toLowerCase()}` }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(`${first} is restored.`).waitFor()
    await page.getByRole('heading', { level: 1, name: 'Weekly numbers' }).waitFor()
    const { data: after } = await request(`reports/${reportId()}`)
    expect(after).toMatchObject({ name: 'Weekly numbers', version: before.version + 1, blocks: before.blocks })
  })

  describeDeliveries(() => opened)

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
    const complaints = opened.watched.complaints.filter((text) => !/status of (400|409|412)/.test(text))
    expect([complaints, opened.watched.elsewhere]).toEqual([[], []])
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
    const { page: reader } = await opened.fixture.openAs(READER, `${ADDRESS}&view=reports`)
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

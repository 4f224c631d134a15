/** Funnels and cohorts: definitions in the address, numbers as the API has them, and the members behind each number. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CohortData } from '../../src/analytics/cohorts/cohort-response.ts'
import type { FunnelData } from '../../src/analytics/funnels/funnel-response.ts'
import { type DashboardFixture, openDashboardFixture, type WatchedPage } from './fixture/dashboard-fixture.ts'
import { countText, openView, overflowOf, rowsOf, viewShown } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const RANGE = { timeRange: '30d', timezone: 'UTC' }
const PHONE = { width: 390, height: 844 }

describe('funnels and cohorts', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page
  const api = async <Data>(path: string, body: object) => {
    const response = await fetch(`${fixture.baseUrl}/api/v1/analytics/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${fixture.tokenFor({ tenantId: 'tenant-1' })}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...body, ...RANGE }),
    })
    if (!response.ok) throw new Error(await response.text())
    return ((await response.json()) as { data: Data }).data
  }
  const definitionOf = () => JSON.parse(new URL(page.url()).searchParams.get('definition') ?? 'null')
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    watched = await fixture.openAs({ tenantId: 'tenant-1' }, '/dashboard?view=funnels&range=30d&zone=UTC')
    page = watched.page
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  test('a funnel shows the numbers of the API, and each one opens its members', async () => {
    await viewShown(page, 'funnels')
    const { steps } = await api<FunnelData>('funnels', {
      entity: 'message',
      steps: ['sent', 'delivered', 'opened', 'clicked'].map((word) => ({ event: `message_${word}` })),
      order: 'ordered',
      window: '7d',
    })
    const values = page.locator('.funnel .funnel-value')
    expect((await values.allTextContents()).map((text) => text.split(' ')[0])).toEqual(
      steps.map(({ count }) => countText(count)),
    )
    await values.nth(1).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: `${countText(steps[1]!.count)} messages` }).waitFor()
    expect(await rowsOf(page.getByRole('table'))).toHaveLength(Math.min(100, steps[1]!.count))
    await page.goBack()
    await viewShown(page, 'funnels')
  })

  test('steps are added, moved by the keyboard and removed, and the address follows', async () => {
    await page.getByRole('button', { name: 'Add a step' }).click()
    await viewShown(page, 'funnels')
    const eventsOf = () => definitionOf().steps.map(({ event }: { event: string }) => event)
    expect(eventsOf()).toHaveLength(5)
    const last = eventsOf()[4]
    await page.getByRole('button', { name: /^Move Step 5.* up$/ }).focus()
    await page.keyboard.press('Enter')
    await viewShown(page, 'funnels')
    expect(eventsOf()[3]).toBe(last)
    expect(await page.evaluate(() => document.activeElement!.getAttribute('aria-label'))).toMatch(/^Move Step 4.* up$/)
    await page.getByRole('button', { name: /^Remove Step 4/ }).click()
    await viewShown(page, 'funnels')
    expect(new URL(page.url()).searchParams.get('definition')).toBeNull()
    await page.goBack()
    await viewShown(page, 'funnels')
    expect(eventsOf()[3]).toBe(last)
  })

  test('a workflow leads to the preset of its runs', async () => {
    await openView(page, 'Workflows')
    await viewShown(page, 'workflows')
    await page.getByRole('link', { name: 'From run to goal, as a funnel' }).click()
    await viewShown(page, 'funnels')
    expect(definitionOf()).toEqual({ preset: 'workflow-run-to-goal' })
    expect(await page.getByLabel('Who is followed').inputValue()).toBe('run')
    expect(await page.getByRole('region', { name: 'By workflow' }).count()).toBe(1)
  })

  test('cohorts show the cells of the API, and a cell opens its members', async () => {
    await openView(page, 'Cohorts')
    await viewShown(page, 'cohorts')
    await page.getByLabel('What is shown').selectOption('retention')
    await page.getByLabel('Cells show').selectOption('count')
    await viewShown(page, 'cohorts')
    const { cohorts } = await api<CohortData>('cohorts', {
      kind: 'retention',
      start: { event: 'message_sent' },
      return: { event: 'message_clicked' },
      cohort: 'week',
      periods: 12,
      counting: 'on',
      mode: 'firstTime',
    })
    const cells = page.locator('.cohort-cell')
    const counts = cohorts.flatMap((cohort) => cohort.cells.map(({ count }) => count))
    expect((await cells.allTextContents()).map((text) => text.split(' ')[0])).toEqual(counts.map(countText))
    const sizes = cohorts.map(({ size }) => size)
    await page.locator('tbody .cohort-size a').first().click()
    await page.getByRole('heading', { level: 1, name: new RegExp(`^${countText(sizes[0]!)} contacts?`) }).waitFor()
    await page.goBack()
    await viewShown(page, 'cohorts')
    expect(definitionOf()).toEqual({ kind: 'retention', show: 'count' })
  })

  test('the cells of cohorts are one stop of the Tab key, and the arrow keys move in them', async () => {
    const cells = page.locator('.cohort-cell :is(a), .cohort-cell:not(:has(a))')
    expect(await page.locator('.cohort-cell a[tabindex="0"]').count()).toBe(1)
    await cells.first().focus()
    await page.keyboard.press('ArrowRight')
    const position = () =>
      page.evaluate(() => document.activeElement!.closest('[data-cell]')?.getAttribute('data-cell'))
    const row = await page.locator('.cohort-grid tbody tr').first().locator('.cohort-cell').count()
    expect(await position()).toBe(row > 1 ? '0 1' : '0 0')
    await page.keyboard.press('End')
    expect(await position()).toBe(`0 ${row - 1}`)
  })

  test('both fit a phone and the page reports no error', async () => {
    await page.setViewportSize(PHONE)
    expect(await overflowOf(page)).toBe(0)
    await openView(page, 'Funnels')
    await viewShown(page, 'funnels')
    expect(await overflowOf(page)).toBe(0)
    expect([watched.complaints, watched.elsewhere]).toEqual([[], []])
  })
})

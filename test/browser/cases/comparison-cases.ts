/** The comparison on the overview. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { DashboardFixture } from '../fixture/dashboard-fixture.ts'
import { countText, viewShown } from '../fixture/page-reading.ts'

interface Overview {
  readonly fixture: DashboardFixture
  readonly page: Page
  /** The path of the overview of the last 7 days, which the page shows before and after. */
  readonly address: string
}

export function testComparisons(overview: () => Overview): void {
  test('compare with the previous period', async () => {
    const { fixture, page } = overview()
    const change = await page.locator('[data-metric=sent] .change .visually-hidden').innerText()
    expect(change).toMatch(/^(Up|Down) .*from [\d,]+ before$|^The same as before: [\d,]+$/)
    const { comparison } = await fixture.rest('overview?timeRange=7d&compare=previous')
    expect(change).toContain(countText(comparison!.summary!.totalMessagesSent))
    const dates = await page.getByText('Compared with').filter({ visible: true }).innerText()
    expect(dates).toContain(String(new Date(comparison!.timeRange.start).getUTCDate()))
    expect(dates).toContain('both until')
  })

  test('compare with what the user chooses, and keep the choice in the address', async () => {
    const { fixture, page, address } = overview()
    const parameter = (name: string) => new URL(page.url()).searchParams.get(name)
    await page.getByLabel('Compare with').selectOption('Year before')
    await page.getByText('Your events begin later').waitFor()
    expect(parameter('compare')).toBe('year')
    await page.getByLabel('Match').selectOption('Dates')
    const aYearAgo = String(new Date().getUTCFullYear() - 1)
    await page.getByText('Compared with').filter({ hasText: aYearAgo }).waitFor()
    expect(parameter('align')).toBe('date')
    await page.getByLabel('Compare with').selectOption('Other days')
    await page.getByRole('button', { name: 'Compared days' }).click()
    await page.getByLabel('From', { exact: true }).fill('2025-03-01')
    await page.getByLabel('To', { exact: true }).fill('2025-03-08')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByText('Compared with').filter({ hasText: 'Mar 1 – 8, 2025' }).waitFor()
    expect([parameter('compareStart'), parameter('compareEnd')]).toEqual(['2025-03-01', '2025-03-08'])
    await page.getByLabel('Compare with').selectOption('Nothing')
    await page.getByText('Compared with').filter({ visible: true }).waitFor({ state: 'detached' })
    expect(await page.locator('[data-metric=sent] .change').count()).toBe(0)
    await page.goto(fixture.baseUrl + address)
    await viewShown(page, 'overview')
  })
}

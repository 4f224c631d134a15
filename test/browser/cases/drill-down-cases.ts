/** What is behind the numbers: the list of messages, the timelines, and users who may not see them. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { DashboardFixture } from '../fixture/dashboard-fixture.ts'
import { accessibilityViolationsOf, countText, overflowOf, viewShown } from '../fixture/page-reading.ts'

interface Overview {
  readonly fixture: DashboardFixture
  readonly page: Page
  /** The path of the overview of the last 7 days, which the page shows before and after. */
  readonly address: string
}

const headingOf = (page: Page) => page.getByRole('heading', { level: 1 })

export function testDrillDown(overview: () => Overview): void {
  test('lead from a number to its messages, to one of them and to its contact, and back', async () => {
    const { fixture, page, address } = overview()
    await page.goto(fixture.baseUrl + address)
    await viewShown(page, 'overview')
    const { engagement } = await fixture.rest('overview?timeRange=7d')
    const count = engagement.deliveredMessages
    await page.locator('[data-metric=deliveredMessages] .headline a').click()
    await headingOf(page)
      .filter({ hasText: `${countText(count)} messages delivered` })
      .waitFor()
    const table = page.locator('.drill-list table')
    await table.locator('tbody tr').first().waitFor()
    const ids = await table.locator('tbody tr th').allInnerTexts()
    expect([ids.length, new Set(ids).size]).toEqual([count, count])
    expect(await accessibilityViolationsOf(page)).toEqual([])

    // The address holds the search: another browser shows the same.
    const shared = await fixture.openAs(
      { tenantId: 'tenant-1' },
      new URL(page.url()).pathname + new URL(page.url()).search,
    )
    await headingOf(shared.page)
      .filter({ hasText: `${countText(count)} messages delivered` })
      .waitFor()
    await shared.page.close()

    const [downloaded] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    const chunks: Uint8Array[] = []
    for await (const chunk of await downloaded.createReadStream()) chunks.push(chunk as Uint8Array)
    const text = new TextDecoder().decode(Buffer.concat(chunks))
    expect(text.trim().split('\r\n')).toHaveLength(count + 1)

    await table.locator('tbody th a').first().click()
    await headingOf(page)
      .filter({ hasText: `Message ${ids[0]!}` })
      .waitFor()
    expect(await page.locator('.timeline-entry').first().innerText()).toContain('Sent')
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.locator('.timeline-facts a').click()
    await headingOf(page)
      .filter({ hasText: `Contact c-${ids[0]!}` })
      .waitFor()
    await page.locator('.timeline-group h2 a').filter({ hasText: ids[0]! }).waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await overflowOf(page)).toBe(0)
    await page.setViewportSize({ width: 1_280, height: 900 })

    await page.goBack()
    await page.goBack()
    await table.waitFor()
    await page.goBack()
    await viewShown(page, 'overview')
  })

  test('lead from a bucket of a chart to its events by the keyboard', async () => {
    const { fixture, page, address } = overview()
    await page.goto(fixture.baseUrl + address)
    await viewShown(page, 'overview')
    const plot = page.getByRole('application').first()
    await plot.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    const link = page.locator('.bucket-links a').first()
    const count = await link.innerText()
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await headingOf(page)
      .filter({ hasText: `${count} messages sent` })
      .waitFor()
    await page.locator('.drill-list tbody tr').first().waitFor()
    expect(await page.locator('.drill-list tbody tr').count()).toBe(Number(count))
    await page.goBack()
    await viewShown(page, 'overview')
  })

  test('are plain for users who may not see single contacts', async () => {
    const { fixture, address } = overview()
    const search = new URLSearchParams({ drill: JSON.stringify({ path: '/messages/search', body: {} }) })
    const claims = { tenantId: 'tenant-1', scope: 'analytics:read' }
    const limited = await fixture.openAs(claims, address)
    await viewShown(limited.page, 'overview')
    expect(await limited.page.locator('.drill-link').count()).toBe(0)
    await limited.page.goto(`${fixture.baseUrl}${address}&${search.toString()}`)
    await limited.page.getByText('You may not see single messages and contacts').waitFor()
    await limited.page.close()
  })
}

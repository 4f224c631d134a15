/** The controls of the page, each used with nothing but keys. */
import { beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { DashboardFixture } from '../fixture/dashboard-fixture.ts'
import { openView, viewShown } from '../fixture/page-reading.ts'

interface OpenedPage {
  readonly fixture: DashboardFixture
  readonly page: Page
}

/** The page shows the last 30 days. */
export function describeKeyboardControls(opened: () => OpenedPage): void {
  describe('controls are operated by the keyboard alone:', () => {
    const pressed = (key: string) => opened().page.keyboard.press(key)
    const focusedText = () => opened().page.evaluate(() => document.activeElement!.textContent.trim())
    beforeAll(async () => {
      const { page } = opened()
      await openView(page, 'Messages')
      await viewShown(page, 'messages')
    })

    test('the range is chosen in a menu, which returns the focus', async () => {
      const { page } = opened()
      await page.getByRole('button', { name: 'Range' }).focus()
      await pressed('Enter')
      expect(await focusedText()).toContain('Last 30 days and today')
      await pressed('Home')
      await pressed('ArrowDown')
      await pressed('Enter')
      expect(new URL(page.url()).searchParams.get('range')).toBe('7d')
      expect(await focusedText()).toContain('Last 7 days and today')
      await pressed('Enter')
      await pressed('Escape')
      expect(await page.getByRole('menu').count()).toBe(0)
      expect(await focusedText()).toContain('Last 7 days and today')
    })

    test('the zone is found by typing, and chosen with the arrow keys', async () => {
      const { page } = opened()
      const field = page.getByRole('combobox', { name: 'Time zone' })
      await field.focus()
      // As the Tab key does, which selects the text.
      await field.selectText()
      await page.keyboard.type('indiana/k')
      const options = page.getByRole('listbox').getByRole('option')
      await options.first().waitFor()
      expect(await options.count()).toBe(1)
      await pressed('ArrowDown')
      await pressed('Enter')
      expect(new URL(page.url()).searchParams.get('zone')).toBe('America/Indiana/Knox')
      expect(await field.inputValue()).toBe('America/Indiana/Knox')
      await page.goBack()
      await viewShown(page, 'messages')
    })

    test('the cursor of a chart moves from value to value, a line is hidden, and the table is a tab', async () => {
      const { fixture, page } = opened()
      const card = page.getByRole('region', { name: 'Over time' })
      await card.getByRole('application', { name: 'Over time' }).focus()
      await pressed('End')
      await pressed('ArrowLeft')
      const { timeSeries } = await fixture.rest('messages?timeRange=7d&granularity=day')
      expect(await card.getByRole('status').first().textContent()).toContain(`Messages ${timeSeries.at(-2)!.sent}`)
      const line = card.getByRole('button', { name: 'Delivered' })
      await line.focus()
      await pressed('Space')
      expect(await line.getAttribute('aria-pressed')).toBe('false')
      await pressed('Space')
      await card.getByRole('tab', { name: 'Chart' }).focus()
      await pressed('ArrowRight')
      expect([await focusedText(), await card.getByRole('table').isVisible()]).toEqual(['Table', true])
      await pressed('ArrowLeft')
    })
  })
}

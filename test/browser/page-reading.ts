import axe from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { until } from '../support/process/until.ts'

/** A page whose loads are slow, as on a machine with other work, waits up to ten seconds between two of them. */
const CHANGE_TIMEOUT_MS = 45_000
const counts = new Intl.NumberFormat('en')

/** Formats a count as the page does in English. */
export const countText = (count: number) => counts.format(count)

/** The spaces inside numbers differ between versions of the language data. */
export const withPlainSpaces = (text: string) => text.replaceAll(/\s/g, ' ')

/** The numbers of the KPI cards by their labels; those of events in parentheses where messages have the same label. */
export function kpiValuesOf(page: Page): Promise<Record<string, string>> {
  return page.locator('dl [data-metric]').evaluateAll((cards) => {
    const values: Record<string, string> = {}
    for (const card of cards) {
      const label = card.querySelector('dt')!.textContent.trim()
      values[label in values ? `${label} (events)` : label] = card.querySelector('.value')!.textContent.trim()
    }
    return values
  })
}

/** Resolves when a KPI card shows the count. */
export async function untilShown(page: Page, label: string, count: number): Promise<void> {
  await until(
    async () => (await kpiValuesOf(page))[label] === countText(count),
    CHANGE_TIMEOUT_MS,
    `${label} to be ${count}`,
  )
}

/** Opens a view by its title in the navigation. */
export function openView(page: Page, title: string): Promise<void> {
  return page.getByRole('navigation').getByRole('link', { name: title, exact: true }).click()
}

/** Adds a filter by a channel. */
export async function addChannelFilter(page: Page, channel: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await page.getByLabel('Filter by').selectOption('Channel')
  await page.getByRole('checkbox', { name: channel }).check()
  await page.getByRole('button', { name: 'Apply' }).click()
}

/** Resolves when the data of a view is shown and no newer data is loading. */
export async function viewShown(page: Page, view: string): Promise<void> {
  await page.locator(`[data-view="${view}"][aria-busy="false"]`).waitFor()
}

/** The texts of the cells of each row in the body of a table. */
export function rowsOf(table: Locator): Promise<string[][]> {
  // A row that assistive technology does not see stands for rows that are out of sight.
  return table
    .locator('tbody tr:not([aria-hidden])')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent.trim())))
}

/** The rows of the table beside the chart of a card, which its tab opens. */
export async function chartRows(page: Page, title: string): Promise<string[][]> {
  const card = page.getByRole('region', { name: title })
  await card.getByRole('tab', { name: 'Table' }).click()
  return rowsOf(card.getByRole('table'))
}

/** The violations that an accessibility checker finds, one sentence each; of all rules, or of some. */
export async function accessibilityViolationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (only) => {
    const { run } = (window as unknown as { axe: typeof axe }).axe
    const options = only ? { runOnly: [...only], resultTypes: ['violations' as const] } : {}
    const { violations } = await run(document, { resultTypes: ['violations'], ...options })
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`))
  }, rules)
}

/** The violations in both themes. The dark theme differs from the light one only in colours. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const light = await accessibilityViolationsOf(page)
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  const dark = await accessibilityViolationsOf(page, ['color-contrast'])
  return [...light, ...dark.map((sentence) => `dark: ${sentence}`)]
}

/** The overflow of the page beyond the window, in pixels. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

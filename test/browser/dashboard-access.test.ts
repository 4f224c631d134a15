import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { VIEW_IDS } from '../../src/web/views/views.ts'
import { until } from '../support/process/until.ts'
import { type DashboardFixture, HOSTILE_NAMES, openDashboardFixture } from './dashboard-fixture.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?range=30d&zone=UTC'

/** The findings of an accessibility checker, one sentence each. */
async function barriersOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run()
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`))
  })
}

/** The overflow of the page beyond the window, in pixels. */
const overflowOf = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

describe('accessibility and sign-in of the dashboards', () => {
  let world: DashboardFixture
  beforeAll(async () => {
    world = await openDashboardFixture()
  }, 90_000)
  afterAll(() => world?.close(), 30_000)

  /** A page that shows the data of a view. */
  async function openView(view: string) {
    const watched = await world.openPage(`${ADDRESS}&view=${view}`)
    await watched.page.waitForSelector('.place .stack:not([data-state]) tbody tr')
    return watched
  }

  describe.each(VIEW_IDS)('%s', (view) => {
    test('has no accessibility violation, in light and dark, and fits a phone', async () => {
      const { page, complaints } = await openView(view)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await barriersOf(page)).toEqual([])
      }
      await page.setViewportSize({ width: 360, height: 740 })
      expect(await overflowOf(page)).toBe(0)
      expect(await barriersOf(page)).toEqual([])
      expect(complaints).toEqual([])
      await page.close()
    })
  })

  test('names are shown as text, never as markup', async () => {
    for (const view of ['campaigns', 'workflows', 'sequences', 'templates']) {
      const { page, elsewhere, complaints } = await openView(view)
      const names = await page.locator('tbody th.name').allTextContents()
      const expected = { campaigns: 5, workflows: 3, sequences: 2, templates: 5 }[view]!
      expect([...new Set(names)].toSorted()).toEqual(HOSTILE_NAMES.slice(0, expected).toSorted())
      expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(await overflowOf(page)).toBe(0)
      expect([elsewhere, complaints]).toEqual([[], []])
      await page.close()
    }
  })

  test('the keyboard reaches every control, with a visible focus', async () => {
    const { page } = await openView('overview')
    const reached: string[] = []
    for (let step = 0; step < 18; step++) {
      await page.keyboard.press('Tab')
      const { name, outline } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        return {
          name: element.textContent || element.getAttribute('name') || '',
          outline: getComputedStyle(element).outlineStyle,
        }
      })
      expect(outline).not.toBe('none')
      reached.push(name)
    }
    expect(reached[0]).toBe('Skip to the numbers')
    expect(reached).toEqual(expect.arrayContaining(['Traffic', 'Sign out', 'Last 30 days and today', 'Dates…']))
    await page.close()
  })

  test('time zones have their current names and are found by a part of them', async () => {
    const { page } = await world.openPage('/dashboard?view=overview&range=7d&zone=Asia/Calcutta')
    await page.waitForSelector('.tile .number')
    const field = page.getByLabel('Time zone', { exact: true })
    expect([await field.inputValue(), new URL(page.url()).searchParams.get('zone')]).toEqual([
      'Asia/Kolkata',
      'Asia/Kolkata',
    ])
    const offered = await page
      .locator('#zones option')
      .evaluateAll((all) => (all as HTMLOptionElement[]).map(({ value, label }) => [value, label]))
    expect(offered.length).toBeGreaterThan(400)
    expect(offered).toContainEqual(['Europe/Kyiv', 'Europe/Kiev'])
    expect(offered).toContainEqual(['America/New York', ''])
    expect(offered.filter(([value]) => value === 'Europe/Kiev' || value === 'Asia/Calcutta')).toEqual([])

    await field.fill('nowhere')
    await page.keyboard.press('Enter')
    await page.getByText('No time zone is called “nowhere”.').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await barriersOf(page)).toEqual([])
    }
    await field.fill('kiev')
    await page.keyboard.press('Enter')
    await until(() => page.url().includes('zone=Europe/Kyiv'), 5_000, 'the zone to be in the address')
    expect([await field.inputValue(), await page.getByText('No time zone').count()]).toEqual(['Europe/Kyiv', 0])
    await page.close()
  })

  test('a sign-in link works once, in any tab, and leaves no code in the address', async () => {
    const stranger = await world.openStrange(ADDRESS)
    await stranger.page.getByLabel('Token or API key').waitFor()
    await stranger.page.getByText('dashboard-link').waitFor()
    expect(stranger.complaints).toEqual([])
    const first = world.link()
    // The link is opened in a tab that already shows the page.
    await stranger.page.goto(first)
    await stranger.page.waitForSelector('.tile .number')
    expect(stranger.page.url()).not.toContain('code')
    await stranger.page.reload()
    await stranger.page.waitForSelector('.tile .number')
    expect(world.link()).not.toBe(first)

    const late = await world.openStrange(new URL(first).pathname + new URL(first).hash)
    await late.page.getByText('This link was used before').waitFor()
    expect(await barriersOf(late.page)).toEqual([])
    await late.page.goto(world.link())
    await late.page.waitForSelector('.tile .number')
    expect(await late.page.locator('.holder').innerText()).toBe('tenant-1')
    for (const { page } of [stranger, late]) await page.close()
  })

  test('signing out is permanent, and a pasted token or API key signs in', async () => {
    const { page } = await openView('overview')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token or API key').waitFor()
    await page.reload()
    const field = page.getByLabel('Token or API key')
    await field.fill('not.a.token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('is not accepted').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await barriersOf(page)).toEqual([])
    }
    await field.fill(`  Bearer ${world.tokenFor({ tenantId: 'tenant-1' })}\n`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForSelector('.tile .number')
    expect(await page.locator('.holder').innerText()).toBe('tenant-1')
    await page.close()
  })

  /** A page that is signed in with a token, as if it had been pasted. */
  async function openAs(credential: string) {
    const watched = await world.openStrange('/dashboard/assets/nothing')
    await watched.page.evaluate(
      (stored) => sessionStorage.setItem('outreach-session', stored),
      JSON.stringify({ credential }),
    )
    await watched.page.goto(world.baseUrl + ADDRESS)
    return watched.page
  }

  test.each([
    ['a tenant without events is told how to get some', { tenantId: 'tenant-none' }, 'npm run simulate'],
    ['a token that may not read is told so', { tenantId: 'tenant-1', scope: 'other' }, 'You may not see this'],
    ['a token that has expired is told to sign in again', { tenantId: 'tenant-1', exp: 1 }, 'sign in again'],
  ])('%s', async (_, claims, sentence) => {
    const page = await openAs(world.tokenFor(claims))
    await page.getByText(sentence).first().waitFor()
    expect(await barriersOf(page)).toEqual([])
    await page.close()
  })

  test('a token for several tenants shows the selected one', async () => {
    const page = await openAs(world.tokenFor({ tenantIds: ['tenant-1', 'tenant-2'] }))
    await page.getByText('You may not see this').waitFor()
    await page.locator('select[name=tenant]').selectOption('tenant-1')
    await page.waitForSelector('.tile .number')
    expect(page.url()).toContain('tenant=tenant-1')
    await page.close()
  })

  test.each([429, 503])(
    'after a %d it retries at the time that the service gave',
    async (status) => {
      const { page } = await openView('overview')
      let refused = 0
      await page.route('**/analytics/campaigns**', (route) =>
        refused++ < 2
          ? route.fulfill({ status, headers: { 'retry-after': '1' }, json: { error: { message: 'Come again.' } } })
          : route.continue(),
      )
      await page.getByRole('link', { name: 'Campaigns' }).click()
      await page.getByText('Trying again in').waitFor()
      expect(await barriersOf(page)).toEqual([])
      await until(async () => (await page.locator('.tile .number').count()) > 0, 10_000, 'the numbers')
      await page.close()
    },
    30_000,
  )
})

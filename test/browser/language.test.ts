/** The page in the languages of browsers. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { GERMAN } from '../../src/web/messages/de.ts'
import { ENGLISH } from '../../src/web/messages/en.ts'
import { VIEW_IDS } from '../../src/web/state/view-state.ts'
import { type DashboardFixture, messageEvents, openDashboardFixture, type WatchedPage } from './dashboard-fixture.ts'
import { accessibilityViolationsOf, kpiValuesOf, overflowOf, viewShown } from './page-reading.ts'

setDefaultTimeout(60_000)
const TENANT = 'tenant-numbers'
const SENT = 1_234
const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC'
const PHONE = { width: 360, height: 740 }
const ZOOMED = { width: 640, height: 500 }

/** The spaces inside numbers differ between versions of the language data. */
const withPlainSpaces = (text: string) => text.replaceAll(/\s/g, ' ')

describe('the language of the browser', () => {
  let fixture: DashboardFixture
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    const events = Array.from({ length: SENT }, (_, index) =>
      messageEvents(`m-${index}`, Date.now() - index * 60_000, 1 + (index % 2), { channel: 'email' }, TENANT),
    )
    await fixture.send(events.flat(), TENANT)
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  const open = async (locale: string): Promise<WatchedPage> => {
    const watched = await fixture.openAs({ tenantId: TENANT }, ADDRESS, { locale })
    await viewShown(watched.page, 'overview')
    return watched
  }

  test('German: texts, numbers, dates, weekdays and files', async () => {
    const { page, complaints } = await open('de-DE')
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    const texts = GERMAN.views!
    const titles = VIEW_IDS.map((view) => texts[view]!.title!)
    const links = await page.getByRole('navigation').getByRole('link').allInnerTexts()
    expect(links.map((text) => text.trim())).toEqual(titles)
    expect(Object.values(await kpiValuesOf(page))[0]).toBe('1.234')
    expect(withPlainSpaces(await page.locator('[data-metric=delivered] .rate .value').innerText())).toBe('50,00 %')

    await page.getByRole('link', { name: texts.traffic!.title!, exact: true }).click()
    await viewShown(page, 'traffic')
    await page.getByText('Montag').first().waitFor()

    await page.getByRole('link', { name: texts.messages!.title!, exact: true }).click()
    await viewShown(page, 'messages')
    const downloading = page.waitForEvent('download')
    const requesting = page.waitForRequest((request) => request.url().includes('format=csv'))
    await page.getByRole('button', { name: 'CSV' }).click()
    const csv = await Bun.file(await (await downloading).path()).text()
    expect(csv.split('\n')[0]!.split(';').length).toBeGreaterThan(3)
    // The counts of this file have no decimals.
    expect((await requesting).url()).toContain('decimal=comma')
    expect(complaints).toEqual([])

    // German texts are longer.
    for (const title of titles) {
      await page.getByRole('link', { name: title, exact: true }).click()
      await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
      await page.locator('[data-view][aria-busy=false]').waitFor()
      for (const size of [ZOOMED, PHONE]) {
        await page.setViewportSize(size)
        expect([title, size, await overflowOf(page)]).toEqual([title, size, 0])
      }
    }
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.context().close()
  })

  test('a language without a translation: English texts, and numbers and weekdays of the language', async () => {
    const { page, complaints } = await open('fr-FR')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.getByRole('heading', { level: 1, name: ENGLISH.views.overview.title, exact: true }).waitFor()
    expect(withPlainSpaces(Object.values(await kpiValuesOf(page))[0]!)).toBe('1 234')
    await page.getByRole('link', { name: ENGLISH.views.traffic.title, exact: true }).click()
    await viewShown(page, 'traffic')
    await page.getByText('lundi').first().waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

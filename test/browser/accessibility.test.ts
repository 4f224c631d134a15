/** Every view for every user: themes, sizes of the window, the keyboard, names that attack or confuse, and languages. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { GERMAN } from '../../src/web/messages/de.ts'
import { ENGLISH } from '../../src/web/messages/en.ts'
import { VIEW_IDS, type ViewId } from '../../src/web/state/view-state.ts'
import { IS_FULL } from '../support/base/depth.ts'
import {
  type DashboardFixture,
  HOSTILE_NAMES,
  messageEvents,
  openDashboardFixture,
  type WatchedPage,
} from './fixture/dashboard-fixture.ts'
import { describeKeyboardControls } from './cases/keyboard-cases.ts'
import { type FocusStep, walkByKeyboard } from './cases/keyboard-walk.ts'
import {
  accessibilityViolationsOf,
  kpiValuesOf,
  openView,
  overflowOf,
  viewShown,
  violationsInBothThemes,
  withPlainSpaces,
} from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const WINDOW = { width: 1280, height: 1000 }
const PHONE = { width: 360, height: 740 }
/** The size of the window above at a zoom of 200%. */
const ZOOMED = { width: 640, height: 500 }
/** Messages, delivered, human opens, human clicks. */
const ENGAGEMENT_LINES = 4
/** The number of entities of the sample data, whose names are the first ones of HOSTILE_NAMES. */
const ENTITY_COUNTS: Readonly<Record<string, number>> = { campaigns: 5, workflows: 3, sequences: 2, templates: 5 }
/**
 * The views that are checked in both themes, on a phone and in German: in the gate those of each structure, which are cards and charts, long tables, a heat map, an editor and a
 * list of definitions. The others consist of the same parts.
 */
const isChecked = (view: ViewId) =>
  IS_FULL || ['overview', 'campaigns', 'traffic', 'explorer', 'funnels', 'alerts'].includes(view)
/** A tenant whose numbers have more than three digits. */
const NUMBERS_TENANT = 'tenant-numbers'
const SENT = 1_234

describe('the dashboards are accessible', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    const scope = 'analytics:read analytics:export analytics:contacts analytics:write'
    watched = await fixture.openAs({ tenantId: 'tenant-1', scope }, '/dashboard?range=30d&zone=UTC')
    page = watched.page
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  describe.each(VIEW_IDS)('%s', (view) => {
    test('has no violation, and fits a phone and a zoom of 200%', async () => {
      await openView(page, ENGLISH.views[view].title)
      await viewShown(page, view)
      const violations = isChecked(view) ? violationsInBothThemes : accessibilityViolationsOf
      expect(await violations(page)).toEqual([])
      await page.setViewportSize(ZOOMED)
      expect(await overflowOf(page)).toBe(0)
      await page.setViewportSize(PHONE)
      expect(await overflowOf(page)).toBe(0)
      if (isChecked(view)) expect(await accessibilityViolationsOf(page)).toEqual([])
      await page.setViewportSize(WINDOW)
    })

    test('is operated by the keyboard: each control is reached once, with a visible focus', async () => {
      const { reached, unreached } = await walkByKeyboard(page)
      // The skip link, the views, signing out, and at least one control of the view.
      expect(reached.length).toBeGreaterThanOrEqual(VIEW_IDS.length + 3)
      expect(reached[0]!.name).toBe('Skip to the numbers')
      expect(reached.filter(({ hasVisibleFocus }: FocusStep) => !hasVisibleFocus)).toEqual([])
      expect(unreached).toEqual([])
    })

    const entityCount = ENTITY_COUNTS[view]
    if (entityCount !== undefined)
      test('shows names as text, never as markup', async () => {
        const names = await page.getByRole('table').last().locator('bdi').allTextContents()
        expect([...new Set(names)].toSorted()).toEqual(HOSTILE_NAMES.slice(0, entityCount).toSorted())
        expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
        expect(await page.locator('main script, main img[onerror]').count()).toBe(0)
      })
  })

  test('the page of an entity with a very long name fits a phone, without a violation', async () => {
    const longName = HOSTILE_NAMES.find((name) => name.startsWith('long'))!
    await page.getByRole('link', { name: ENGLISH.views.campaigns.title, exact: true }).click()
    await page.getByRole('link', { name: longName }).click()
    await page.getByRole('heading', { level: 1, name: longName }).waitFor()
    await viewShown(page, 'campaigns')
    await page.setViewportSize(PHONE)
    expect([await overflowOf(page), await accessibilityViolationsOf(page)]).toEqual([0, []])
    await page.setViewportSize(WINDOW)
  })

  describeKeyboardControls(() => ({ fixture, page }))

  test('lines of a chart keep their colours in forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    const lines = page.getByRole('region', { name: 'Over time' }).getByRole('group', { name: 'Lines' })
    const colours = await lines
      .locator('button > [aria-hidden]')
      .evaluateAll((signs) => signs.map((sign) => getComputedStyle(sign).backgroundColor))
    expect(new Set(colours).size).toBeGreaterThanOrEqual(ENGAGEMENT_LINES)
    await page.emulateMedia({ forcedColors: null })
  })

  test('without motion, if the user wants none', async () => {
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const longestMotion = () =>
      page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll('*')].flatMap((element) => {
            const { animationName, animationDuration, transitionDuration } = getComputedStyle(element)
            const durations = transitionDuration.split(',')
            if (animationName !== 'none') durations.push(...animationDuration.split(','))
            return durations.map(Number.parseFloat)
          }),
        ),
      )
    expect(await longestMotion()).toBeGreaterThan(0.05)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await longestMotion()).toBeLessThan(0.05)
  })

  test('on paper without the navigation', async () => {
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('navigation').isVisible()).toBe(false)
    expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true)
    await page.emulateMedia({ media: null })
  })

  test('without an error, a policy violation or a request to another host', () => {
    expect([watched.elsewhere, watched.complaints]).toEqual([[], []])
  })

  describe('in the language of the browser:', () => {
    beforeAll(async () => {
      const events = Array.from({ length: SENT }, (_, index) =>
        messageEvents(`m-${index}`, Date.now() - index * 60_000, 1 + (index % 2), { channel: 'email' }, NUMBERS_TENANT),
      )
      await fixture.send(events.flat(), NUMBERS_TENANT)
    })
    const openIn = async (locale: string): Promise<WatchedPage> => {
      const address = '/dashboard?view=overview&range=7d&zone=UTC'
      const opened = await fixture.openAs({ tenantId: NUMBERS_TENANT }, address, { locale })
      await viewShown(opened.page, 'overview')
      return opened
    }

    test('German: texts, numbers, dates, weekdays and files', async () => {
      const { page: german, complaints } = await openIn('de-DE')
      expect(await german.locator('html').getAttribute('lang')).toBe('de')
      const texts = GERMAN.views!
      const titles = VIEW_IDS.map((view) => texts[view]!.title!)
      const links = await german.getByRole('navigation').getByRole('link').allInnerTexts()
      expect(links.map((text) => text.trim())).toEqual(titles)
      expect(Object.values(await kpiValuesOf(german))[0]).toBe('1.234')
      expect(withPlainSpaces(await german.locator('[data-metric=delivered] .rate .value').innerText())).toBe('50,00 %')

      await german.getByRole('link', { name: texts.traffic!.title!, exact: true }).click()
      await viewShown(german, 'traffic')
      await german.getByText('Montag').first().waitFor()

      await openView(german, texts.messages!.title!)
      await viewShown(german, 'messages')
      const requesting = german.waitForRequest((request) => request.url().includes('format=csv'))
      const downloading = german.waitForEvent('download')
      await german.getByRole('button', { name: 'CSV' }).click()
      expect((await requesting).url()).toContain('decimal=comma')
      const csv = await Bun.file(await (await downloading).path()).text()
      expect(csv.split('\n')[0]!.split(';').length).toBeGreaterThan(3)
      expect(complaints).toEqual([])

      // German texts are longer.
      for (const title of titles.filter((_, place) => isChecked(VIEW_IDS[place]!))) {
        await openView(german, title)
        await german.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
        await german.locator('[data-view][aria-busy=false]').waitFor()
        for (const size of [ZOOMED, PHONE]) {
          await german.setViewportSize(size)
          expect([title, size, await overflowOf(german)]).toEqual([title, size, 0])
        }
      }
      expect(await accessibilityViolationsOf(german)).toEqual([])
      await german.context().close()
    })

    test('a language without a translation: English texts, and numbers and weekdays of the language', async () => {
      const { page: french, complaints } = await openIn('fr-FR')
      expect(await french.locator('html').getAttribute('lang')).toBe('en')
      await french.getByRole('heading', { level: 1, name: ENGLISH.views.overview.title, exact: true }).waitFor()
      expect(withPlainSpaces(Object.values(await kpiValuesOf(french))[0]!)).toBe('1 234')
      await french.getByRole('link', { name: ENGLISH.views.traffic.title, exact: true }).click()
      await viewShown(french, 'traffic')
      await french.getByText('lundi').first().waitFor()
      expect(complaints).toEqual([])
      await french.context().close()
    })
  })
})

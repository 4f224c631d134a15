/** Alerts: from a preset to a stored rule that fires, is shown beside the numbers, and is snoozed, changed and deleted. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { ShownAlert } from '../../src/http/alerts/alert-data.ts'
import type { ShownBacktest } from '../../src/http/alerts/history-data.ts'
import { until } from '../support/process/until.ts'
import {
  type DashboardFixture,
  openDashboardFixture,
  type StoredAnswer,
  type WatchedPage,
} from './fixture/dashboard-fixture.ts'
import { accessibilityViolationsOf, openView, overflowOf, rowsOf, viewShown } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const EDITORS = { tenantId: 'tenant-1', scope: 'analytics:read analytics:write' }
const PHONE = { width: 390, height: 844 }
const WINDOW = { width: 1280, height: 1000 }
const NAME = 'Many messages'
/** A rule is judged within a minute. */
const FIRING_TIMEOUT_MS = 75_000

interface AlertList {
  readonly alerts: readonly ShownAlert[]
}

describe('alerts', () => {
  let fixture: DashboardFixture
  let watched: WatchedPage
  let page: Page
  const api = async <Data>(path: string, init: RequestInit = {}): Promise<StoredAnswer<Data>> => {
    const response = await fetch(`${fixture.baseUrl}/api/v1/analytics/${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${fixture.tokenFor(EDITORS)}`,
        'content-type': 'application/json',
        ...(init.headers as Record<string, string>),
      },
    })
    if (!response.ok) throw new Error(await response.text())
    return { data: ((await response.json()) as { data: Data }).data, etag: response.headers.get('etag') ?? '' }
  }
  const preview = () => page.locator('.rule-preview')
  const previewLoaded = () => preview().locator('.rule-preview-result[aria-busy=false] .plot canvas').waitFor()
  const storedRule = async () => (await api<AlertList>('alerts')).data.alerts[0]!
  const sentence = () => page.locator('.rule-sentence').innerText()
  beforeAll(async () => {
    fixture = await openDashboardFixture()
    watched = await fixture.openAs(EDITORS, '/dashboard?view=alerts&range=30d&zone=UTC')
    page = watched.page
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  test('a preset is the start of a rule, which the editor reads back', async () => {
    await viewShown(page, 'alerts')
    await page.getByRole('link', { name: 'Hard bounces above 5 %' }).click()
    await viewShown(page, 'alerts')
    expect(await page.getByLabel('Name').inputValue()).toBe('Hard bounces above 5 %')
    expect(await sentence()).toContain(
      'Fires when “Hard bounce rate” of a day is above 5%, where it is a share of at least 100.',
    )
  })

  test('the preview shows what the changed rule would have done, as the API has it', async () => {
    await page.getByLabel('Name').fill(NAME)
    await page.getByLabel('Name').blur()
    await page.getByRole('combobox', { name: 'Number', exact: true }).selectOption('sent')
    await page.getByLabel('Above', { exact: true }).fill('3')
    await page.getByLabel('Above', { exact: true }).blur()
    expect(await sentence()).toContain('Fires when “Sent” of a day is above 3.')
    await previewLoaded()
    await preview().getByText('It would have fired once').waitFor()
    const rule = JSON.parse(new URL(page.url()).searchParams.get('definition')!).rule
    expect(rule).toMatchObject({ name: NAME, metric: 'sent', detector: { kind: 'threshold', above: 3 } })
    const { data } = await api<ShownBacktest>('alerts/backtest', {
      method: 'POST',
      body: JSON.stringify({ rule, timeRange: '30d', showBuckets: true }),
    })
    expect(data.transitions).toHaveLength(1)
    expect(await preview().locator('.episode-mark').count()).toBe(1)
    expect(await preview().locator('.change-mark').count()).toBe(1)
    await preview().getByRole('tab', { name: 'Table' }).click()
    const rows = await rowsOf(preview().getByRole('table'))
    expect(rows.map(([, value, bound, verdict]) => [value, bound, verdict])).toEqual(
      data.shown![0]!.buckets.map(({ value, expected, verdict }) => [String(value), String(expected!.upper), verdict]),
    )
    await preview().getByRole('tab', { name: 'Chart' }).click()
    expect(await accessibilityViolationsOf(page)).toEqual([])
  })

  test('fields that the service refuses say so', async () => {
    await page.getByLabel('Below', { exact: true }).fill('9')
    await page.getByLabel('Below', { exact: true }).blur()
    await page.getByText('Type a number that is smaller than the upper limit.').waitFor()
    expect(await page.getByLabel('Below', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await page.getByLabel('Below', { exact: true }).fill('')
    await page.getByLabel('Below', { exact: true }).blur()
    await previewLoaded()
    await page.getByRole('button', { name: 'Add a webhook' }).click()
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('https://example.com/alerts')
    await page.getByRole('button', { name: 'Save the rule' }).click()
    await page.getByText('Type a secret of 16 to 256 characters.').waitFor()
    await page.getByRole('button', { name: /^Remove the webhook/ }).click()
  })

  test('a stored rule fires, and is listed with since when and its value', async () => {
    await page.getByLabel(/^Publish a message/).check()
    await page.getByRole('button', { name: 'Save the rule' }).click()
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
    expect(new URL(page.url()).searchParams.get('definition')).toBeNull()
    await until(async () => (await storedRule()).state === 'firing', FIRING_TIMEOUT_MS, 'the rule to fire')
    await page.reload()
    await page.locator('.back-link').click()
    const item = page.locator('.alert-item').filter({ hasText: NAME })
    await item.waitFor()
    const { states } = await storedRule()
    expect(await item.locator('.state-badge').innerText()).toBe('Firing')
    expect(await item.locator('.alert-item-series').innerText()).toContain(String(states[0]!.value))
    expect(await item.innerText()).toContain('since')
  })

  test('the firing rule stands beside the numbers that it is about, and in the navigation', async () => {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Alerts\s+1 firing$/ })
      .waitFor()
    await openView(page, 'Messages')
    await viewShown(page, 'messages')
    const banner = page.getByRole('region', { name: 'Firing' })
    expect(await banner.innerText()).toContain(NAME)
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await openView(page, 'Workflows')
    await viewShown(page, 'workflows')
    expect(await banner.count()).toBe(0)
    await openView(page, 'Messages')
    await banner.getByRole('link', { name: NAME }).click()
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
  })

  test('the history says who was told; a snooze stops that, and ends', async () => {
    await page.locator('.alert-history .deliveries').getByText('Event on the broker · sent · 1 attempt').waitFor()
    await page.getByRole('button', { name: 'Snooze' }).click()
    await page.getByRole('button', { name: 'For a day' }).click()
    await page.getByRole('button', { name: /^Snoozed until/ }).click()
    expect(Date.parse((await storedRule()).snoozedUntil!)).toBeGreaterThan(Date.now() + 23 * 3_600_000)
    await page.getByRole('button', { name: 'End the snooze' }).click()
    await page.getByRole('button', { name: 'Snooze', exact: true }).waitFor()
    expect((await storedRule()).snoozedUntil).toBeNull()
  })

  test('a change of somebody else is not overwritten unless the user says so', async () => {
    await page.getByRole('link', { name: 'Change' }).click()
    await page.getByLabel('Above', { exact: true }).fill('2')
    await page.getByLabel('Above', { exact: true }).blur()
    await previewLoaded()
    const { id } = await storedRule()
    const { data, etag } = await api<ShownAlert>(`alerts/${id}`)
    const { name, metric, granularity, detector, notify } = data
    await api(`alerts/${id}`, {
      method: 'PUT',
      headers: { 'if-match': etag },
      body: JSON.stringify({ name: `${name}!`, metric, granularity, detector, notify }),
    })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Somebody else has changed this rule since you opened it').waitFor()
    expect((await storedRule()).name).toBe(`${NAME}!`)
    await page.getByRole('button', { name: 'Save mine in its place' }).click()
    await page.getByRole('heading', { level: 1, name: NAME, exact: true }).waitFor()
    await until(async () => (await storedRule()).name === NAME, 10_000)
    expect(await storedRule()).toMatchObject({ name: NAME, detector: { above: 2 } })
  })

  test('who may only read sees everything and tests rules, without controls that change them', async () => {
    const reader = await fixture.openAs({ tenantId: 'tenant-1' }, `/dashboard?view=alerts&range=30d&zone=UTC`, {
      viewport: WINDOW,
    })
    await reader.page.getByRole('link', { name: NAME }).click()
    await reader.page.getByRole('heading', { level: 1, name: NAME }).waitFor()
    await reader.page.getByText('needs the scope analytics:write').waitFor()
    expect(await reader.page.getByRole('button', { name: /Snooze|Delete/ }).count()).toBe(0)
    await reader.page.goto(`${fixture.baseUrl}/dashboard?view=alerts&range=30d&zone=UTC&definition={}`)
    await reader.page.locator('.rule-preview .plot canvas').waitFor()
    expect(await reader.page.getByRole('button', { name: 'Save the rule' }).count()).toBe(0)
    expect(reader.complaints).toEqual([])
    await reader.page.context().close()
  })

  test('the list, a rule and the editor fit a phone, and a rule is deleted after a question', async () => {
    await page.setViewportSize(PHONE)
    expect([await overflowOf(page), await accessibilityViolationsOf(page)]).toEqual([0, []])
    await page.getByRole('link', { name: 'Change' }).click()
    await previewLoaded()
    expect([await overflowOf(page), await accessibilityViolationsOf(page)]).toEqual([0, []])
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('There is no rule yet.').waitFor()
    expect(await overflowOf(page)).toBe(0)
    expect((await api<AlertList>('alerts')).data.alerts).toEqual([])
    expect([watched.complaints.filter((text) => !/status of 4(00|12)/.test(text)), watched.elsewhere]).toEqual([[], []])
  })
})

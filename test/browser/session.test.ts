/** Signing in and out, and what each session may see. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type DashboardFixture, messageEvents, openDashboardFixture } from './fixture/dashboard-fixture.ts'
import { kpiValuesOf, untilShown, viewShown, violationsInBothThemes } from './fixture/page-reading.ts'

setDefaultTimeout(60_000)
const ADDRESS = '/dashboard?view=campaigns&range=30d&zone=UTC&channel=sms&compare=none'

describe('the session of the dashboards', () => {
  let fixture: DashboardFixture
  beforeAll(async () => {
    fixture = await openDashboardFixture()
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  async function signIn(page: Page, credential: string): Promise<void> {
    await page.getByLabel('Token or API key').fill(credential)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  const tenantShown = (page: Page, tenant: string) =>
    page.getByText(tenant, { exact: true }).filter({ visible: true }).waitFor()

  test('a sign-in link works once, in any tab, and leaves no code in the address', async () => {
    const first = await fixture.openSignedOut(ADDRESS)
    await first.page.getByLabel('Token or API key').waitFor()
    expect(first.complaints).toEqual([])
    const used = fixture.link()
    // The link is opened in a tab that already shows the page.
    await first.page.goto(used)
    await viewShown(first.page, 'overview')
    expect(first.page.url()).not.toContain('code')
    await first.page.reload()
    await viewShown(first.page, 'overview')
    expect(fixture.link()).not.toBe(used)

    const late = await fixture.openSignedOut(new URL(used).pathname + new URL(used).hash)
    await late.page.getByText('This link was used before').waitFor()
    await late.page.goto(fixture.link())
    await viewShown(late.page, 'overview')
    await tenantShown(late.page, 'tenant-1')
    for (const { page } of [first, late]) await page.close()
  })

  test('signing out is permanent, and a pasted token signs in at the same address', async () => {
    const { page } = await fixture.openAs({ tenantId: 'tenant-1' }, ADDRESS)
    await viewShown(page, 'campaigns')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token or API key').waitFor()
    await page.reload()
    await signIn(page, 'not.a.token')
    await page.getByRole('alert').filter({ hasText: 'is not accepted' }).waitFor()
    expect(await violationsInBothThemes(page)).toEqual([])
    await signIn(page, `  Bearer ${fixture.tokenFor({ tenantId: 'tenant-1' })}\n`)
    await viewShown(page, 'campaigns')
    await tenantShown(page, 'tenant-1')
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(ADDRESS)
    await page.close()
  })

  test('an expired session shows the sign-in form above the view, and continues there after sign-in', async () => {
    const exp = Math.floor(Date.now() / 1000) + 4
    const { page } = await fixture.openAs({ tenantId: 'tenant-1', exp }, ADDRESS)
    await viewShown(page, 'campaigns')
    const before = await kpiValuesOf(page)
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    expect([await kpiValuesOf(page), await violationsInBothThemes(page)]).toEqual([before, []])
    await signIn(page, fixture.tokenFor({ tenantId: 'tenant-1' }))
    await dialog.waitFor({ state: 'detached' })
    await page.locator('[data-live=live]').waitFor()
    expect(await kpiValuesOf(page)).toEqual(before)
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(ADDRESS)
    await page.close()
  })

  test('a token without the scope for reading leads to an error', async () => {
    const { page } = await fixture.openAs({ tenantId: 'tenant-1', scope: 'other' }, ADDRESS)
    await page.getByText('You do not have access to these numbers').waitFor()
    expect(await violationsInBothThemes(page)).toEqual([])
    await page.close()
  })

  test('a token of several tenants offers them, and shows the chosen one', async () => {
    const { page } = await fixture.openAs({ tenantIds: ['tenant-1', 'tenant-2'] }, ADDRESS)
    await page.getByText('Your token is valid for several tenants.').waitFor()
    expect(await violationsInBothThemes(page)).toEqual([])
    await page.getByRole('button', { name: 'tenant-1', exact: true }).click()
    await viewShown(page, 'campaigns')
    expect(new URL(page.url()).searchParams.get('tenant')).toBe('tenant-1')
    const before = await kpiValuesOf(page)
    await page.getByRole('combobox', { name: 'Tenant' }).selectOption('tenant-2')
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    await page.goBack()
    await viewShown(page, 'campaigns')
    expect(await kpiValuesOf(page)).toEqual(before)
    await page.close()
  })

  test('a tenant without events sees the first steps, and the numbers of the first event', async () => {
    const { page } = await fixture.openAs({ tenantId: 'tenant-new' }, '/dashboard?view=overview&range=7d&zone=UTC')
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('npm run simulate')
    expect(await violationsInBothThemes(page)).toEqual([])
    await fixture.send(messageEvents('first', Date.now(), 2, { channel: 'email' }, 'tenant-new'), 'tenant-new')
    await viewShown(page, 'overview')
    await untilShown(page, 'Sent', 1)
    await page.close()
  })

  test('a filter without results is named, and can be cleared', async () => {
    const tenantId = 'tenant-new'
    const { page } = await fixture.openAs({ tenantId }, '/dashboard?view=messages&range=7d&zone=UTC&channel=push')
    await page.getByText('Nothing in this range passes the filters').waitFor()
    await page.getByRole('button', { name: 'Change the filter Channel: Push' }).waitFor()
    await page.getByRole('link', { name: 'Clear the filters' }).click()
    await viewShown(page, 'messages')
    await untilShown(page, 'Sent', 1)
    expect(page.url()).not.toContain('channel')
    await page.close()
  })
})

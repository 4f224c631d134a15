/** Schedules of a report: their editor, a test, and the log of their deliveries. */
import { expect, test } from 'bun:test'
import type { ScheduleListData } from '../../../src/http/reports/schedule-data.ts'
import { until } from '../../support/process/until.ts'
import { accessibilityViolationsOf, viewShown, violationsInBothThemes } from '../fixture/page-reading.ts'
import type { ReportPage } from '../fixture/report-page.ts'

/** A schedule has minutes: the next one is up to a minute away. */
const DELIVERY_TIMEOUT_MS = 150_000
const MINUTE_MS = 60_000

/** Saves a schedule of the report on the page, which runs within two minutes. */
export function describeScheduleEditor(opened: () => ReportPage): void {
  test('a schedule spells out its next runs in its zone before and after it is saved', async () => {
    const { page, request, openPage } = opened()
    await openPage('Schedules')
    await viewShown(page, 'reports')
    await page.getByRole('link', { name: 'New schedule' }).click()
    await page.getByLabel('Recipients').fill('team@stats.example')
    const runs = page.getByRole('region', { name: /^The next three runs/ }).getByRole('listitem')
    expect(await runs.allTextContents()).toHaveLength(3)
    expect((await runs.allTextContents()).every((text) => text.startsWith('Monday'))).toBe(true)
    // The next minute but one, so that it has not passed when the form is sent.
    const soon = new Date(
      Math.floor(Date.now() / MINUTE_MS + 1) * MINUTE_MS + (new Date().getUTCSeconds() > 50 ? MINUTE_MS : 0),
    )
    await page.getByLabel('How often').selectOption('daily')
    await page
      .getByLabel('At', { exact: true })
      .fill(new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(soon))
    await page.getByLabel('CSV').check()
    await page.getByLabel('Excel').check()
    const before = await runs.allTextContents()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('The schedule is saved.').waitFor()
    await viewShown(page, 'reports')
    expect(await runs.allTextContents()).toEqual(before)
    const { data } = await request<ScheduleListData>('schedules')
    expect(data.schedules).toMatchObject([
      { every: { kind: 'daily' }, timezone: 'Europe/Berlin', attachments: ['csv', 'xlsx'] },
    ])
    const times = await runs.locator('time').evaluateAll((all) => all.map((time) => time.getAttribute('datetime')))
    expect(times.map((time) => Date.parse(time!))).toEqual(
      data.schedules[0]!.nextRuns.slice(0, 3).map((time) => Date.parse(time)),
    )
  })

  test('a mistake in an address is named, and a test is sent at once', async () => {
    const { page, mail } = opened()
    await page.getByLabel('Recipients').fill('team@stats.example, nobody')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('“nobody” is not a mail address').waitFor()
    await page.getByLabel('Recipients').fill('team@stats.example')
    await page.getByLabel('To', { exact: true }).fill('me@stats.example')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('The test was sent to me@stats.example.').waitFor()
    expect(mail.receivedFor('me@stats.example')).toHaveLength(1)
    expect(await violationsInBothThemes(page)).toEqual([])
  })
}

/** The delivery of that schedule. */
export function describeDeliveries(opened: () => ReportPage): void {
  test(
    'the log shows the delivery, and sends it again',
    async () => {
      const { page, mail, openPage } = opened()
      await openPage('Schedules')
      await viewShown(page, 'reports')
      await until(
        () => Promise.resolve(mail.accepted.some(({ recipient }) => recipient === 'team@stats.example')),
        DELIVERY_TIMEOUT_MS,
        'the mail',
      )
      await page.getByRole('link', { name: /^Daily at/ }).click()
      await viewShown(page, 'reports')
      const log = page.getByRole('region', { name: 'Delivery log' }).first()
      const readLog = async () => {
        await page.reload()
        await viewShown(page, 'reports')
        return log.locator('tbody tr').allInnerTexts()
      }
      await until(async () => (await readLog()).some((row) => row.includes('Sent')), DELIVERY_TIMEOUT_MS, 'the log')
      await log.getByRole('button', { name: /^Send again to team@stats.example/ }).click()
      await until(
        () => Promise.resolve(mail.receivedFor('team@stats.example').length === 2),
        DELIVERY_TIMEOUT_MS,
        'the second mail',
      )
      expect(await accessibilityViolationsOf(page)).toEqual([])
    },
    2 * DELIVERY_TIMEOUT_MS,
  )
}

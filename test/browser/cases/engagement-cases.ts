/** What became of messages: on the overview and on the messages. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type EngagementCountName, ENGAGEMENT_METRICS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import type { Message } from '../../support/broker/nats-server.ts'
import type { DashboardFixture } from '../fixture/dashboard-fixture.ts'
import { accessibilityViolationsOf, chartRows, countText, viewShown } from '../fixture/page-reading.ts'

interface Overview {
  readonly fixture: DashboardFixture
  readonly page: Page
  /** The path of the overview of the last 7 days, which the page shows before and after. */
  readonly address: string
}

const TWO_DAYS_MS = 172_800_000

/** Two messages that bounced, for different reasons. */
function bouncedMessages(now: number): Message[] {
  return ['hard', 'soft'].flatMap((bounceType) =>
    ['sent', 'bounced'].map((kind, index): Message => [
      `pipeline.message.${kind}`,
      {
        eventId: `${bounceType}-${kind}`,
        tenantId: 'tenant-1',
        timestamp: new Date(now - TWO_DAYS_MS + index * 1_000).toISOString(),
        data: { messageId: `bounced-${bounceType}`, channel: 'email', ...(kind === 'bounced' && { bounceType }) },
      },
    ]),
  )
}

export function testEngagement(overview: () => Overview): void {
  test('say who opened messages and why they bounced', async () => {
    const { fixture, page, address } = overview()
    await fixture.send(bouncedMessages(Date.now()))
    await page.goto(fixture.baseUrl + address)
    await viewShown(page, 'overview')
    const { engagement } = await fixture.rest('overview?timeRange=7d')
    expect([engagement.humanOpens, engagement.machineOnlyOpens].every((count) => count > 0)).toBe(true)
    expect(await page.locator('[data-metric=humanOpens] .detail').innerText()).toBe(
      `${countText(engagement.uniqueOpens)} with machines (${engagement.uniqueOpenRate.toFixed(2)}%)`,
    )
    const parts = page.locator('[data-part]')
    const shown = await parts.evaluateAll((items) =>
      items.map((item) => [(item as HTMLElement).dataset['part'], item.querySelector('.stacked-value')!.textContent]),
    )
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(shown.map(([name]) => [name, countText(engagement[name as EngagementCountName])])),
    )
    expect(shown.map(([name]) => name)).toContain('undeterminedBounces')
    await page.getByText(`${engagement.unknownShare.toFixed(2)}% of all opens and clicks`).waitFor()
  })

  test('define each number in the words of the metric registry, one click away', async () => {
    const { page } = overview()
    const button = page.getByRole('button', { name: 'Human opens: what the numbers mean' })
    await button.click()
    const panel = page.getByRole('dialog', { name: 'Human opens: what the numbers mean' })
    const { humanOpens, humanOpenRate, uniqueOpens, uniqueOpenRate } = ENGAGEMENT_METRICS
    const metrics = [humanOpens, humanOpenRate, uniqueOpens, uniqueOpenRate]
    expect(await panel.locator('dt').allInnerTexts()).toEqual(metrics.map(({ label }) => label))
    expect(await panel.locator('dd').allInnerTexts()).toEqual(metrics.map(({ definition }) => definition))
    expect(await accessibilityViolationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test('count messages by the time of sending, say which may still rise, and count events as the user chooses', async () => {
    const { fixture, page, address } = overview()
    await page.getByRole('navigation').getByRole('link', { name: 'Messages' }).click()
    await viewShown(page, 'messages')
    await page.getByText('Dashed: messages of the last 7 days.').first().waitFor()
    const { timeSeries } = await fixture.rest('messages?timeRange=7d')
    const rows = await chartRows(page, 'Over time')
    expect(rows.map(([, ...numbers]) => numbers)).toEqual(
      timeSeries.map(({ engagement }) =>
        [engagement.messages, engagement.deliveredMessages, engagement.humanOpens, engagement.humanClicks].map(
          countText,
        ),
      ),
    )
    expect(rows.map(([day]) => day!.endsWith('(may still rise)'))).toEqual(
      timeSeries.map((_, index) => index < timeSeries.length - 1),
    )
    const card = page.getByRole('region', { name: 'Over time' })
    await card.getByRole('button', { name: 'Events', exact: true }).click()
    const events = await chartRows(page, 'Over time')
    expect(events.map(([, sent, , opened]) => [sent, opened])).toEqual(
      timeSeries.map((bucket) => [bucket.sent, bucket.opened].map(countText)),
    )
    await page.goto(fixture.baseUrl + address)
    await viewShown(page, 'overview')
  })
}

import { expect, test } from 'bun:test'
import type { DataOf } from '../../../src/analytics/dashboards/dashboards.ts'
import { engagementExample } from '../../../src/analytics/engagement/engagement-example.ts'
import { olderDataOf } from '../../../src/web/metrics/older-data.ts'

const day = (date: string, sent: number) => ({ date, sent, delivered: 0, opened: 0, clicked: 0 })
const SUMMARY = {
  ...{ totalMessagesSent: 3, totalDelivered: 0, totalOpened: 0, totalClicked: 0 },
  ...{ deliveryRate: 0, openRate: 0, clickRate: 0 },
}
const TIME_RANGE = { start: '2026-01-26T00:00:00Z', end: '2026-01-27T23:59:59.999Z' }
const DATA: DataOf<'overview'> = {
  timeRange: TIME_RANGE,
  summary: SUMMARY,
  engagement: engagementExample(3, 0, 0, 0, 0, 0, 0),
  byChannel: {},
  trend: [
    { ...day('2026-01-26', 2), previous: day('2026-01-19', 5) },
    { ...day('2026-01-27', 1), previous: null },
  ],
  comparison: {
    ...{ timeRange: TIME_RANGE, align: 'weekday', partial: false, coverage: 'complete', change: {} },
    summary: { ...SUMMARY, totalMessagesSent: 5 },
    engagement: engagementExample(4, 0, 0, 0, 0, 0, 0),
  },
}

test('the older data has the form of the data: its summary, and the items that are there', () => {
  expect(olderDataOf<'overview'>(DATA)).toMatchObject({
    summary: { totalMessagesSent: 5 },
    engagement: { messages: 4 },
    trend: [day('2026-01-19', 5)],
  })
})

test('the older data is the same object for the same data, and undefined without a comparison', () => {
  expect(olderDataOf<'overview'>(DATA)).toBe(olderDataOf<'overview'>(DATA))
  const { comparison: _, ...uncompared } = DATA
  expect(olderDataOf<'overview'>(uncompared)).toBeUndefined()
})

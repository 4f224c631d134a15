import { describe, expect, test } from 'bun:test'
import {
  ENGAGEMENT_METRICS,
  ENGAGEMENT_RATES,
  type EngagementRateName,
  type EngagementValues,
} from '../../../src/analytics/engagement/engagement-metrics.ts'
import { engagementCards, failureCards } from '../../../src/web/engagement/engagement-cards.ts'
import { engagementColumns } from '../../../src/web/engagement/engagement-columns.ts'
import { engagementLines } from '../../../src/web/engagement/engagement-lines.ts'
import { formatDuration } from '../../../src/web/format/durations.ts'
import { ENGLISH } from '../../../src/web/messages/en.ts'
import { baseOf, engagementRate, NO_ENGAGEMENT } from '../../../src/web/metrics/engagement-rates.ts'
import { betterDirectionOf, kindOf } from '../../../src/web/metrics/shown-metric.ts'

const ENGAGEMENT: EngagementValues = {
  ...NO_ENGAGEMENT,
  ...{ messages: 10, deliveredMessages: 8, uniqueOpens: 6, humanOpens: 4, humanClicks: 2, confirmedOpens: 5 },
  ...{ uniqueOpenRate: 75, humanOpenRate: 50, clickToOpenRate: 40, bounceMessageRate: 20, bouncedMessages: 2 },
}

test('labels and definitions are those of the metric registry', () => {
  for (const [name, { label, definition }] of Object.entries(ENGAGEMENT_METRICS))
    expect(ENGLISH.metrics[name as keyof typeof ENGAGEMENT_METRICS]).toEqual({ label, definition })
})

describe('a rate of messages', () => {
  test.each([
    ['humanOpenRate', 8, 50],
    ['bounceMessageRate', 10, 20],
    ['clickToOpenRate', 5, 40],
  ] as const)('%s is divided by %d', (name, base, rate) => {
    expect([baseOf(name, ENGAGEMENT), engagementRate(name, ENGAGEMENT)]).toEqual([base, rate])
  })

  test('of nothing is no data', () => {
    const rates = (Object.keys(ENGAGEMENT_RATES) as EngagementRateName[]).map((name) =>
      engagementRate(name, NO_ENGAGEMENT),
    )
    expect(new Set(rates)).toEqual(new Set([null]))
  })
})

test('more failures are bad news, and more human opens good news', () => {
  expect([betterDirectionOf('bouncedMessages'), betterDirectionOf('humanOpens')]).toEqual(['lower', 'higher'])
  expect([betterDirectionOf('bounced'), betterDirectionOf('campaigns')]).toEqual(['lower', 'neither'])
  expect([kindOf('humanOpens'), kindOf('humanOpenRate'), kindOf('openRate')]).toEqual(['count', 'rate', 'rate'])
})

test('cards show the numbers of people first, and those with machines beside them', () => {
  const cards = engagementCards({ current: ENGAGEMENT, previous: undefined, series: [ENGAGEMENT, NO_ENGAGEMENT] })
  expect(cards.map(({ metric, value }) => [metric, value])).toEqual([
    ['messages', 10],
    ['deliveredMessages', 8],
    ['humanOpens', 4],
    ['humanClicks', 2],
  ])
  expect(cards[2]).toMatchObject({ detail: '6 with machines (75.00%)', trend: [4, 0], rate: { value: 50, base: 8 } })
  const [none] = engagementCards({ current: NO_ENGAGEMENT, previous: ENGAGEMENT }).slice(2)
  expect(none).toMatchObject({ detail: '0 with machines', previous: 4, rate: { base: 0, previous: 50 } })
  expect(failureCards({ current: ENGAGEMENT, previous: undefined })[0]).toMatchObject({
    ...{ metric: 'bouncedMessages', value: 2, rate: { value: 20, base: 10 } },
  })
})

test('columns have the values of a row, and no data for a rate of nothing', () => {
  const columns = engagementColumns<{ readonly engagement: EngagementValues }>(ENGAGEMENT)
  const column = columns.find(({ id }) => id === 'humanOpenRate')!
  expect([ENGAGEMENT, NO_ENGAGEMENT].map((engagement) => column.value({ engagement }))).toEqual([50, null])
  expect(column.total).toBe(50)
})

test('only the number of messages is settled when a bucket is over', () => {
  const lines = engagementLines(['messages', 'humanOpens'])
  expect(lines.map(({ isSettled }) => isSettled)).toEqual([true, false])
  expect(lines.map(({ value }) => value({ engagement: ENGAGEMENT }))).toEqual([10, 4])
})

test.each([
  [0, '0 sec'],
  [45.25, '45.3 sec'],
  [90, '1.5 min'],
  [5_400, '1.5 hr'],
  [216_000, '2.5 days'],
])('%d seconds are shown as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

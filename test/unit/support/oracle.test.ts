import { describe, expect, test } from 'bun:test'
import { differences } from '../../support/oracle/differences.ts'
import { type Published, historyOf } from '../../support/oracle/history.ts'
import { type Dashboard, type DashboardQuery, expectedData } from '../../support/oracle/oracle.ts'
import { resolveRange } from '../../support/oracle/range.ts'
import { bucketStarts, instantText } from '../../support/oracle/zone.ts'
import { trafficOf } from '../../support/traffic/traffic.ts'

const NOW_MS = Date.parse('2026-03-20T12:00:00Z')
let count = 0

function event(
  subject: string,
  timestamp: string | number,
  data: Record<string, unknown>,
  eventId?: string,
): Published {
  return [subject, { eventId: eventId ?? `e-${count++}`, tenantId: 't', timestamp, data }]
}

function dataOf<D extends Dashboard>(dashboard: D, published: readonly Published[], query: DashboardQuery) {
  return expectedData(dashboard, historyOf(published, 't'), query, NOW_MS)
}

const MARCH: DashboardQuery = { startDate: '2026-03-01', endDate: '2026-03-10' }

describe('the oracle, by examples counted by hand', () => {
  test('a date is its whole day in the zone, 23 or 25 hours where clocks change', () => {
    const edges = (date: string, zone: string) => {
      const range = resolveRange({ startDate: date, endDate: date }, '7d', zone, NOW_MS)
      return [instantText(range.startMs), instantText(range.endMs), bucketStarts(range, 'hour', zone).length]
    }
    expect(edges('2026-03-08', 'America/New_York')).toEqual(['2026-03-08T05:00:00Z', '2026-03-09T03:59:59.999Z', 23])
    expect(edges('2025-11-02', 'America/New_York')).toEqual(['2025-11-02T04:00:00Z', '2025-11-03T04:59:59.999Z', 25])
    expect(edges('2026-03-08', 'Asia/Kathmandu')).toEqual(['2026-03-07T18:15:00Z', '2026-03-08T18:14:59.999Z', 24])
    expect(edges('2026-04-05', 'Australia/Adelaide')).toEqual(['2026-04-04T13:30:00Z', '2026-04-05T14:29:59.999Z', 25])
    // The clocks in Havana skip from 00:00 to 01:00, so that the day begins at 01:00.
    expect(edges('2026-03-08', 'America/Havana')).toEqual(['2026-03-08T05:00:00Z', '2026-03-09T03:59:59.999Z', 23])
  })

  test('a preset runs from the midnight so many days ago to the end of today', () => {
    const range = resolveRange({ timeRange: '7d' }, '1d', 'Pacific/Chatham', NOW_MS)
    // The local time is 01:45 on the 21st.
    expect(instantText(range.startMs)).toBe('2026-03-13T10:15:00Z')
    expect(instantText(range.endMs)).toBe('2026-03-21T10:14:59.999Z')
  })

  test('weeks begin on Monday and months on their first, before the range if need be', () => {
    const range = resolveRange({ startDate: '2026-02-25', endDate: '2026-03-10' }, '7d', 'America/New_York', NOW_MS)
    expect(bucketStarts(range, 'week', 'America/New_York').map(instantText)).toEqual([
      '2026-02-23T05:00:00Z',
      '2026-03-02T05:00:00Z',
      '2026-03-09T04:00:00Z',
    ])
    expect(bucketStarts(range, 'month', 'America/New_York').map(instantText)).toEqual([
      '2026-02-01T05:00:00Z',
      '2026-03-01T05:00:00Z',
    ])
  })

  test('counts an event once however often and however spelled it came, and only for its tenant', () => {
    const data = { messageId: 'm', channel: 'email' }
    const sent = [
      event('pipeline.message.sent', '2026-03-02T10:00:00Z', data, 'same'),
      event('pipeline.message.sent', '2026-03-02T15:30:00+05:30', data, 'same'),
      event('pipeline.message.sent', Date.parse('2026-03-02T10:00:00Z'), data, 'other'),
      ['pipeline.message.sent', { eventId: 'x', tenantId: 'u', timestamp: '2026-03-02T10:00:00Z', data }] as Published,
    ]
    expect(dataOf('overview', sent, MARCH).summary.totalMessagesSent).toBe(2)
    expect(dataOf('overview', sent, MARCH).byChannel).toEqual({
      email: { sent: 2, delivered: 0, opened: 0, clicked: 0 },
    })
  })

  test('rates are rounded to two decimals with halves up, and 0 of nothing', () => {
    const events = Array.from({ length: 32 }, (_, n) =>
      event('pipeline.message.delivered', '2026-03-02T10:00:00Z', { messageId: `m${n}`, channel: 'sms' }),
    )
    events.push(event('pipeline.message.opened', '2026-03-02T11:00:00Z', { messageId: 'm1', channel: 'sms' }))
    const { summary } = dataOf('overview', events, MARCH)
    expect([summary.openRate, summary.deliveryRate]).toEqual([3.13, 0])
  })

  test('the newest name wins, whatever came last', () => {
    const named = (at: string, name: string) => event('campaign.started', at, { campaignId: 'c', name })
    const renamed = [named('2026-03-03T00:00:00Z', 'new'), named('2026-03-02T00:00:00Z', 'old')]
    expect(dataOf('campaigns', renamed, MARCH).topCampaigns[0]?.name).toBe('new')
    const nameless = [event('campaign.started', '2026-03-03T00:00:00Z', { campaignId: 'c' })]
    expect(dataOf('campaigns', nameless, MARCH).topCampaigns[0]?.name).toBe('c')
  })

  test('a run that completed with status failed is a failed run', () => {
    const run = { workflowId: 'w', runId: 'r' }
    const { summary } = dataOf(
      'workflows',
      [
        event('workflow.run.started', '2026-03-02T10:00:00Z', run),
        event('workflow.run.completed', '2026-03-02T11:00:00Z', { ...run, status: 'failed' }),
      ],
      MARCH,
    )
    expect(summary).toMatchObject({ totalRuns: 1, completedRuns: 0, failedRuns: 1, avgCompletionRate: 0 })
  })

  test('an enrollment counts on the day it first shows, and is not active when it ended before the range', () => {
    const step = (at: string, enrollmentId: string) =>
      event('sequence.step.executed', at, { sequenceId: 's', enrollmentId, stepNumber: 1 })
    const replied = (at: string) =>
      event('sequence.enrollment.replied', at, { sequenceId: 's', enrollmentId: 'a', stepNumber: 1 })
    const data = dataOf(
      'sequences',
      [
        step('2026-03-02T10:00:00Z', 'a'),
        replied('2026-03-04T10:00:00Z'),
        replied('2026-03-03T10:00:00Z'),
        event('sequence.enrollment.exited', '2026-02-01T10:00:00Z', { sequenceId: 's', enrollmentId: 'b' }),
        step('2026-03-03T10:00:00Z', 'b'),
        step('2026-03-03T11:00:00Z', 'c'),
      ],
      MARCH,
    )
    expect(data.summary).toMatchObject({ totalEnrollments: 3, activeEnrollments: 1, repliedEnrollments: 1 })
    expect(data.stepFunnel).toEqual([{ stepNumber: 1, executed: 3, replied: 2 }])
    const days = data.timeSeries.filter((day) => day.enrolled + day.replied > 0)
    expect(days.map((day) => [day.timestamp.slice(8, 10), day.enrolled, day.replied])).toEqual([
      ['02', 1, 0],
      ['03', 2, 1],
    ])
  })

  test('templates stand by open rate, then click rate, then usage, then id', () => {
    const use = (templateId: string, types: string[]) =>
      types.map((type) =>
        event(`pipeline.message.${type}`, '2026-03-02T10:00:00Z', { messageId: 'm', channel: 'email', templateId }),
      )
    const { topTemplates, worstPerforming } = dataOf(
      'templates',
      [
        ...use('b', ['sent', 'delivered', 'opened']),
        ...use('a', ['sent', 'delivered', 'opened']),
        ...use('busy', ['sent', 'sent', 'delivered', 'opened']),
        ...use('clicked', ['sent', 'delivered', 'opened', 'clicked']),
        ...use('unused', ['delivered', 'opened']),
        ...use('unread', ['sent', 'delivered']),
      ],
      MARCH,
    )
    const ids = (list: readonly { templateId: string }[]) => list.map((template) => template.templateId)
    expect(ids(topTemplates)).toEqual(['clicked', 'busy', 'a', 'b', 'unread'])
    expect(ids(worstPerforming)).toEqual(['unread', 'a', 'b', 'busy', 'clicked'])
  })

  test('traffic has the local hour and weekday', () => {
    const sent = [event('pipeline.message.sent', '2026-03-02T02:30:00Z', { messageId: 'm', channel: 'email' })]
    const data = dataOf('traffic', sent, { ...MARCH, timezone: 'America/New_York' })
    expect(data.peakHours[21]).toEqual({ hour: 21, messageCount: 1 })
    expect(data.byDayOfWeek[6]).toEqual({ day: 'Sunday', messageCount: 1 })
  })
})

describe('what the oracle is compared by', () => {
  test('differences names every field that is missing or other, and lets further fields be', () => {
    const expected = { a: 1, list: [{ b: 'x' }] }
    expect(differences({ a: 1, list: [{ b: 'x', more: 1 }], more: 2 }, expected)).toEqual([])
    expect(differences({ a: 2, list: [{}, {}] }, expected)).toEqual([
      'data.a is 2, not 1',
      'data.list has 2 items, not 1',
      'data.list[0].b is undefined, not "x"',
    ])
  })

  test('the same seed gives the same feed, and every series adds up to its summary', () => {
    const options = { seed: 9, tenants: ['t'], messages: 150, fromMs: NOW_MS - 40 * 86_400_000, toMs: NOW_MS }
    const feed = trafficOf(options)
    expect(trafficOf(options)).toEqual(feed)
    const sum = <F extends string>(series: readonly Record<F, number>[], field: F) =>
      series.reduce((total, bucket) => total + bucket[field], 0)
    for (const timezone of ['UTC', 'America/New_York']) {
      const sequences = dataOf('sequences', feed, { timezone })
      expect(sequences.summary.totalEnrollments).toBeGreaterThan(10)
      expect(sum(sequences.timeSeries, 'enrolled')).toBe(sequences.summary.totalEnrollments)
      expect(sum(sequences.timeSeries, 'replied')).toBe(sequences.summary.repliedEnrollments)
      expect(sum(sequences.timeSeries, 'completed')).toBe(sequences.summary.completedEnrollments)
      const messages = dataOf('messages', feed, { timezone, granularity: 'week' })
      expect(sum(messages.timeSeries, 'sent')).toBe(messages.summary.sent)
    }
  })
})

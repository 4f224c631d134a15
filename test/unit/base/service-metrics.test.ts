import { describe, expect, test } from 'bun:test'
import { LIMIT_REASONS } from '../../../src/base/errors.ts'
import { REJECTION_REASONS } from '../../../src/events/rejection.ts'
import { LIVE_EVENTS, RESYNC_REASONS } from '../../../src/live/live-message.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { Counter, renderPrometheusText } from '../../../src/base/prometheus.ts'
import { UNEXPECTED_ERROR_PLACES } from '../../../src/base/unexpected-errors.ts'

describe('a counter with closed label sets', () => {
  test.each([
    ['analytics_events_dead_lettered_total', 'reason', Object.keys(REJECTION_REASONS)],
    ['analytics_requests_limited_total', 'reason', LIMIT_REASONS],
    ['analytics_live_messages_total', 'event', LIVE_EVENTS],
    ['analytics_live_resyncs_total', 'reason', RESYNC_REASONS],
    ['analytics_dashboard_responses_total', 'source', ['store', 'cache', 'unchanged']],
    ['analytics_unexpected_errors_total', 'where', UNEXPECTED_ERROR_PLACES],
  ])('%s has every series from the start, at 0, so that the first rise shows in a rate', (name, label, values) => {
    const lines = renderPrometheusText(Object.values(createServiceMetrics())).split('\n')
    expect(lines.filter((line) => line.startsWith(`${name}{`))).toEqual(
      values.map((value) => `${name}{${label}="${value}"} 0`),
    )
  })

  test('has a series for each combination of several labels, and counts into them', () => {
    const counter = new Counter('c', 'Help.', { a: ['x', 'y'], b: ['1', '2'] } as const)
    counter.add(3, { a: 'y', b: '1' })
    expect(counter.sampleLines()).toEqual([
      'c{a="x",b="1"} 0',
      'c{a="x",b="2"} 0',
      'c{a="y",b="1"} 3',
      'c{a="y",b="2"} 0',
    ])
  })

  test('accepts no other label', () => {
    const { eventsDeadLettered: eventsDead } = createServiceMetrics()
    // @ts-expect-error: not a reason of the closed set.
    eventsDead.add(0, { reason: 'bad_luck' })
    // @ts-expect-error: the reason is missing.
    eventsDead.add(0)
    expect(eventsDead.total()).toBe(0)
  })
})

test('a counter without labels is 0 from the start', () => {
  expect(new Counter('c', 'Help.').sampleLines()).toEqual(['c 0'])
})

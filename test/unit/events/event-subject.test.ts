import { describe, expect, test } from 'bun:test'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { isEventSubject } from '../../../src/events/event-subject.ts'

describe('a subject from data', () => {
  test('is an event subject if the catalogue contains it', () => {
    const subjects = SUBJECTS.map((subject) => subject.replace('*', 'paused_again'))
    expect(subjects.filter((subject) => !isEventSubject(subject))).toEqual([])
  })

  test.each([
    '$JS.API.STREAM.DELETE.EVENTS',
    '$KV.analytics-cluster.analytics',
    'analytics.dead.invalid_json',
    'analytics.deferred.tenant-1',
    'analytics.partition.analytics.1',
    'pipeline.message.sent.',
    'pipeline.message.*',
    'sequence.enrollment.*',
    'sequence.enrollment.>',
    'sequence.enrollment.x y',
    'sequence.enrollment.x 0\r\n\r\nPUB orders 3\r\nabc',
    'sequence.enrollment.x\u0000',
    `sequence.enrollment.${'x'.repeat(300)}`,
    '',
  ])('%p is not an event subject', (subject) => {
    expect(isEventSubject(subject)).toBe(false)
  })
})

import { describe, expect, test } from 'bun:test'
import type { SimulatedEvent } from '../../../../src/cli/simulate/simulated-event.ts'
import { historyEvents } from '../../../../src/cli/simulate/history-events.ts'
import { DataSet } from '../../../../src/cli/simulate/data-set.ts'

const dayMs = 86_400_000
const endMs = Date.parse('2026-01-27T10:15:30.123Z')
const spanMs = 28 * dayMs
const eventCount = 60_000

function makeHistory(
  seed: number,
  overrides: { endMs?: number; eventCount?: number; spanMs?: number } = {},
): SimulatedEvent[] {
  return [...historyEvents({ dataSet: new DataSet(seed, 20), seed, endMs, spanMs, eventCount, ...overrides })]
}

const history = makeHistory(7)

function ofSubject(...subjects: string[]): SimulatedEvent[] {
  return history.filter(({ subject }) => subjects.includes(subject))
}

function countBy(events: readonly SimulatedEvent[], key: (event: SimulatedEvent) => unknown): Map<string, number> {
  const counts = new Map<string, number>()
  for (const event of events) counts.set(String(key(event)), (counts.get(String(key(event))) ?? 0) + 1)
  return counts
}

function instantOf({ envelope }: SimulatedEvent): number {
  return Date.parse(envelope.timestamp)
}

describe('a simulated history', () => {
  test('is the same, event for event, for the same seed and the same end', () => {
    expect(makeHistory(7, { eventCount: 5_000 })).toEqual(makeHistory(7, { eventCount: 5_000 }))
  })

  test('shares no event id with a history that ends at another moment or has another seed', () => {
    const ids = new Set(history.map(({ envelope }) => envelope.eventId))
    const others = [...makeHistory(7, { endMs: endMs + 1 }), ...makeHistory(8)]
    expect(others.filter(({ envelope }) => ids.has(envelope.eventId))).toEqual([])
  })

  test('has the same templates in every run', () => {
    const known = new Set(history.map(({ envelope }) => envelope.data['templateId']))
    const later = makeHistory(7, { endMs: endMs + dayMs })
    expect(later.filter(({ envelope }) => !known.has(envelope.data['templateId']))).toEqual([])
  })

  test.each([1, 7, 50, 1_000, 20_000])(
    'holds exactly the %i events asked for, each with an id of its own',
    (wanted) => {
      const events = makeHistory(3, { eventCount: wanted, spanMs: dayMs })
      expect(events).toHaveLength(wanted)
      expect(new Set(events.map(({ envelope }) => envelope.eventId)).size).toBe(wanted)
    },
  )

  test('has every subject that the service consumes', () => {
    expect([...new Set(history.map(({ subject }) => subject))].toSorted()).toEqual([
      'campaign.completed',
      'campaign.started',
      'contact.created',
      'contact.updated',
      'pipeline.message.bounced',
      'pipeline.message.clicked',
      'pipeline.message.complained',
      'pipeline.message.delivered',
      'pipeline.message.opened',
      'pipeline.message.sent',
      'pipeline.message.unsubscribed',
      'sequence.enrollment.bounced',
      'sequence.enrollment.completed',
      'sequence.enrollment.exited',
      'sequence.enrollment.replied',
      'sequence.enrollment.started',
      'sequence.enrollment.unsubscribed',
      'sequence.step.executed',
      'workflow.run.completed',
      'workflow.run.failed',
      'workflow.run.goal_reached',
      'workflow.run.started',
    ])
  })

  test('has only valid envelopes, all of them within the history', () => {
    const idField: Record<string, string> = {
      pipeline: 'messageId',
      campaign: 'campaignId',
      workflow: 'runId',
      sequence: 'enrollmentId',
      contact: 'contactId',
    }
    const broken = history.filter((event) => {
      const { correlationId, data, eventId, tenantId, timestamp } = event.envelope
      const at = instantOf(event)
      const isValid =
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(eventId) &&
        /^tenant-([1-9]|1\d|20)$/.test(tenantId) &&
        new Date(at).toISOString() === timestamp &&
        at >= endMs - spanMs &&
        at <= endMs &&
        /^sim-[0-9a-f]{16}$/.test(correlationId) &&
        typeof data[idField[event.subject.split('.')[0] ?? ''] ?? ''] === 'string' &&
        ['email', 'sms', 'whatsapp', 'push', undefined].includes(data['channel'] as string | undefined)
      return !isValid
    })
    expect(broken).toEqual([])
  })

  test('reports failed runs in both ways: as failed, and as completed with the status failed', () => {
    const statuses = countBy(ofSubject('workflow.run.completed'), ({ envelope }) => envelope.data['status'])
    expect([...statuses.keys()].toSorted()).toEqual(['completed', 'failed'])
    expect(statuses.get('completed')).toBeGreaterThan(5 * (statuses.get('failed') ?? 0))
  })

  test('has realistic rates', () => {
    const share = (part: string, whole: string) => ofSubject(part).length / ofSubject(whole).length
    const within = (value: number, low: number, high: number) => {
      expect(value).toBeGreaterThan(low)
      expect(value).toBeLessThan(high)
    }
    within(share('pipeline.message.delivered', 'pipeline.message.sent'), 0.92, 0.98)
    within(share('pipeline.message.bounced', 'pipeline.message.sent'), 0.015, 0.05)
    // Machines open and click beside people: simulated-engagement.test.ts tells them apart.
    within(share('pipeline.message.opened', 'pipeline.message.delivered'), 0.3, 0.75)
    within(share('pipeline.message.clicked', 'pipeline.message.delivered'), 0.08, 0.35)
    within(share('pipeline.message.complained', 'pipeline.message.delivered'), 0.0003, 0.006)
    within(share('pipeline.message.unsubscribed', 'pipeline.message.delivered'), 0.001, 0.02)
    within(share('workflow.run.failed', 'workflow.run.started'), 0.02, 0.12)
    within(share('workflow.run.goal_reached', 'workflow.run.started'), 0.1, 0.5)
    within(share('sequence.enrollment.replied', 'sequence.enrollment.started'), 0.05, 0.4)
  })

  test('uses all four channels', () => {
    const delivered = countBy(ofSubject('pipeline.message.delivered'), ({ envelope }) => envelope.data['channel'])
    expect([...delivered.keys()].toSorted()).toEqual(['email', 'push', 'sms', 'whatsapp'])
  })

  test('has events of every tenant, and a multiple of the median for the largest', () => {
    const sizes = [...countBy(history, ({ envelope }) => envelope.tenantId).values()].toSorted(
      (one, other) => other - one,
    )
    expect(sizes).toHaveLength(20)
    expect(sizes[0]).toBeGreaterThan(4 * (sizes[10] ?? Infinity))
  })

  test('is quieter at night and on weekends', () => {
    const sent = ofSubject('pipeline.message.sent')
    const hours = countBy(sent, (event) => new Date(instantOf(event)).getUTCHours())
    const days = countBy(sent, (event) => new Date(instantOf(event)).getUTCDay())
    const total = (counts: Map<string, number>, keys: number[]) =>
      keys.reduce((sum, key) => sum + (counts.get(String(key)) ?? 0), 0)
    expect(total(hours, [9, 10, 11, 12])).toBeGreaterThan(4 * total(hours, [1, 2, 3, 4]))
    expect(total(days, [2, 3])).toBeGreaterThan(1.5 * total(days, [6, 0]))
  })
})

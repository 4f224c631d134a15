import { describe, expect, test } from 'bun:test'
import type { SimulatedEvent } from '../../../../src/cli/simulate/simulated-event.ts'
import { historyEvents } from '../../../../src/cli/simulate/history-events.ts'
import { DataSet } from '../../../../src/cli/simulate/data-set.ts'

const dayMs = 86_400_000
const history = [
  ...historyEvents({
    dataSet: new DataSet(7, 20),
    seed: 7,
    endMs: Date.parse('2026-01-27T10:15:30.123Z'),
    spanMs: 28 * dayMs,
    eventCount: 60_000,
  }),
]

function ofSubject(...subjects: string[]): SimulatedEvent[] {
  return history.filter(({ subject }) => subjects.includes(subject))
}

/** The events of each value of a field, in the order of their timestamps. */
function journeys(field: string): SimulatedEvent[][] {
  const found = new Map<string, SimulatedEvent[]>()
  for (const event of history) {
    const id = event.envelope.data[field]
    if (typeof id !== 'string') continue
    const journey = found.get(id)
    if (journey) journey.push(event)
    else found.set(id, [event])
  }
  const byTime = (one: SimulatedEvent, other: SimulatedEvent) => instantOf(one) - instantOf(other)
  return [...found.values()].map((journey) => journey.toSorted(byTime))
}

function instantOf({ envelope }: SimulatedEvent): number {
  return Date.parse(envelope.timestamp)
}

/** A person and several machines may open the same message. */
const REPEATED = ['pipeline.message.opened', 'pipeline.message.clicked']

describe('the scenarios of a simulated history', () => {
  test('deliver no message before it was sent, open none before its delivery, click none before it was opened', () => {
    const needs: Record<string, string> = {
      'pipeline.message.delivered': 'pipeline.message.sent',
      'pipeline.message.bounced': 'pipeline.message.sent',
      'pipeline.message.opened': 'pipeline.message.delivered',
      'pipeline.message.complained': 'pipeline.message.delivered',
      'pipeline.message.clicked': 'pipeline.message.opened',
      'pipeline.message.unsubscribed': 'pipeline.message.opened',
    }
    const messages = journeys('messageId')
    const wrong = messages.filter((journey) =>
      journey.some(({ subject }, position) => {
        const earlier = journey.slice(0, position).map((event) => event.subject as string)
        const needed = needs[subject]
        if (earlier.includes(subject) && !REPEATED.includes(subject)) return true
        return needed === undefined ? position > 0 : !earlier.includes(needed)
      }),
    )
    expect(messages.length).toBeGreaterThan(10_000)
    expect(wrong).toEqual([])
  })

  test('bounce or deliver a message, and bounce few of the delivered ones later', () => {
    const fates = journeys('messageId').map((journey) => journey.map(({ subject }) => subject))
    const both = fates.filter(
      (fate) => fate.includes('pipeline.message.bounced') && fate.includes('pipeline.message.delivered'),
    )
    expect(both.length).toBeGreaterThan(0)
    expect(both.length).toBeLessThan(fates.length / 200)
    expect(
      both.filter((fate) => fate.indexOf('pipeline.message.bounced') < fate.indexOf('pipeline.message.delivered')),
    ).toEqual([])
  })

  test.each([
    ['runId', 'workflow.run.started', /^workflow\.run\.(completed|failed)$/],
    ['enrollmentId', 'sequence.enrollment.started', /^sequence\.enrollment\.(?!started)/],
  ] as const)('begins each journey of a %s with its start and ends it once at most', (field, start, ends) => {
    const found = journeys(field)
    expect(found.length).toBeGreaterThan(400)
    expect(found.filter(([first]) => first?.subject !== start)).toEqual([])
    const ending = found.map((journey) => journey.findIndex(({ subject }) => ends.test(subject)))
    expect(ending.some((position) => position > 0)).toBe(true)
    expect(found.filter((journey, index) => ending[index] !== -1 && ending[index] !== journey.length - 1)).toEqual([])
  })

  test('execute the steps of an enrollment from 1 upwards, and replies name the step before them', () => {
    for (const journey of journeys('enrollmentId')) {
      const steps = journey
        .filter(({ subject }) => subject === 'sequence.step.executed')
        .map(({ envelope }) => envelope.data['stepNumber'])
      expect(steps).toEqual(steps.map((_, position) => position + 1))
      const reply = journey.find(({ subject }) => subject === 'sequence.enrollment.replied')
      if (reply) expect(reply.envelope.data['stepNumber']).toBe(steps.length)
    }
    expect(ofSubject('sequence.enrollment.replied').length).toBeGreaterThan(50)
  })

  test('send a campaign to each contact once, between its start and its completion', () => {
    const campaigns = journeys('campaignId')
    expect(campaigns.length).toBeGreaterThan(100)
    const sends = ofSubject('pipeline.message.sent').filter(
      ({ envelope }) => envelope.data['sourceType'] === 'campaign',
    )
    const recipientsOf = Map.groupBy(sends, ({ envelope }) => String(envelope.data['sourceId']))
    for (const [first, last] of campaigns) {
      if (!first || !last) continue
      expect(first.subject).toBe('campaign.started')
      const sent = recipientsOf.get(String(first.envelope.data['campaignId'])) ?? []
      expect(new Set(sent.map(({ envelope }) => envelope.data['contactId'])).size).toBe(sent.length)
      if (last.subject !== 'campaign.completed') continue
      expect(sent).toHaveLength(Number(first.envelope.data['recipients']))
      expect(sent.every((event) => instantOf(event) > instantOf(first) && instantOf(event) < instantOf(last))).toBe(
        true,
      )
    }
  })

  test('name campaigns differently and rename a few of them', () => {
    const names = new Set(ofSubject('campaign.started').map(({ envelope }) => envelope.data['name']))
    expect(names.size).toBeGreaterThan(60)
    const renamed = journeys('campaignId').filter(
      ([first, last]) => last !== undefined && first?.envelope.data['name'] !== last.envelope.data['name'],
    )
    expect(renamed.length).toBeGreaterThan(2)
    expect(renamed.length).toBeLessThan(names.size / 4)
  })
})

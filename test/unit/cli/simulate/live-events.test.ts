import { expect, test } from 'bun:test'
import type { SimulatedEvent } from '../../../../src/cli/simulate/simulated-event.ts'
import { liveEvents } from '../../../../src/cli/simulate/live-events.ts'
import { Random } from '../../../../src/cli/simulate/random.ts'
import { withDuplicates } from '../../../../src/cli/simulate/duplicates.ts'
import { DataSet } from '../../../../src/cli/simulate/data-set.ts'

const startMs = Date.parse('2026-01-27T10:15:30.000Z')

/** Takes events at a steady rate, with a clock that is turned by hand. */
function watchLive(ratePerSecond: number, seconds: number, firstMs = startMs): SimulatedEvent[] {
  let nowMs = firstMs
  const events = liveEvents({ dataSet: new DataSet(7, 20), seed: 7, clock: { now: () => nowMs }, ratePerSecond })
  return Array.from({ length: ratePerSecond * seconds }, (_, position) => {
    nowMs = firstMs + Math.floor((position * 1_000) / ratePerSecond)
    return events.next().value
  })
}

test('generates the same live events for the same seed and clock, and others a millisecond later', () => {
  const first = watchLive(100, 20)
  expect(watchLive(100, 20)).toEqual(first)
  const ids = new Set(first.map(({ envelope }) => envelope.eventId))
  expect(watchLive(100, 20, startMs + 1).filter(({ envelope }) => ids.has(envelope.eventId))).toEqual([])
})

test.each([20, 200, 2_000])('gives each event the time of its generation, at %i per second', (ratePerSecond) => {
  const instants = watchLive(ratePerSecond, 10).map(({ envelope }) => Date.parse(envelope.timestamp))
  expect(instants).toEqual(instants.map((_, position) => startMs + Math.floor((position * 1_000) / ratePerSecond)))
})

test.each([50, 200, 2_000])(
  'shows opens, clicks, completed runs and completed campaigns within a minute at %i a second',
  (ratePerSecond) => {
    const subjects = new Set<string>(watchLive(ratePerSecond, 60).map(({ subject }) => subject))
    for (const subject of [
      'pipeline.message.opened',
      'pipeline.message.clicked',
      'workflow.run.completed',
      'campaign.completed',
    ]) {
      expect(subjects).toContain(subject)
    }
  },
)

test('keeps causes before effects in a live run', () => {
  const seen = new Map<unknown, Set<string>>()
  for (const { envelope, subject } of watchLive(500, 40)) {
    const id = envelope.data['messageId']
    if (id === undefined) continue
    const earlier = seen.get(id) ?? new Set()
    if (subject === 'pipeline.message.delivered') expect(earlier).toContain('pipeline.message.sent')
    if (subject === 'pipeline.message.opened') expect(earlier).toContain('pipeline.message.delivered')
    if (subject === 'pipeline.message.clicked') expect(earlier).toContain('pipeline.message.opened')
    seen.set(id, earlier.add(subject))
  }
  expect(seen.size).toBeGreaterThan(3_000)
})

test('duplicates about one event in a hundred without a change, and drops none', () => {
  const events = watchLive(1_000, 20)
  const published = [...withDuplicates(events, new Random(7))]
  expect([...new Set(published)]).toEqual(events)
  const repeatCount = published.length - events.length
  expect(repeatCount / published.length).toBeGreaterThan(0.007)
  expect(repeatCount / published.length).toBeLessThan(0.013)
})

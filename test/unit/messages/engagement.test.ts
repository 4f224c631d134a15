import { describe, expect, test } from 'bun:test'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { engagementCountsSchema, engagementSchema } from '../../../src/analytics/engagement/engagement-fields.ts'
import { ENGAGEMENT_COUNTS, ENGAGEMENT_METRICS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { MESSAGE_CONDITIONS } from '../../../src/analytics/engagement/message-conditions.ts'
import { engagementOf } from '../../../src/messages/engagement.ts'
import { classifiedEvents, factsOf } from '../../../src/messages/message-facts.ts'
import { fc } from '../../support/base/properties.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import type { SampleEvent } from '../../support/oracle/messages/message-classes.ts'
import { slowEngagement } from '../../support/oracle/messages/message-engagement.ts'
import { anyMessage, messageEventOf } from '../../support/oracle/messages/message-samples.ts'

function engagementOfSamples(messages: readonly (readonly SampleEvent[])[], until?: number) {
  return engagementOf(
    messages.map((events) => {
      const classified = classifiedEvents(events.map((event) => messageEventOf(event)))
      return { ...factsOf(classified, until), sent: factsOf(classified).sent }
    }),
  )
}

/** No two bounces at the same instant: which of them is the last follows from the stored ids. */
const hasDistinctBounces = (events: readonly SampleEvent[]) => {
  const instants = events.filter(({ kind }) => kind === 'bounced').map(({ at }) => at)
  return new Set(instants).size === instants.length
}
const messages = fc.array(anyMessage.filter(hasDistinctBounces), { maxLength: 9 })

describe('the engagement metrics', () => {
  test('are those of a slow calculation', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom(0, 1_000, 4_000_000, 90_000_000), (events, span) => {
        const until = NOW - 90_000_000 + span
        expect(engagementOfSamples(events, until)).toEqual(slowEngagement(events, until))
      }),
      { numRuns: 150 },
    )
  })

  test('are at most 100 for rates and shares, and add up over any division of the messages for counts', () => {
    fc.assert(
      fc.property(messages, messages, (some, others) => {
        const [one, two, all] = [some, others, [...some, ...others]].map((each) => engagementOfSamples(each))
        for (const [name, { unit }] of Object.entries(ENGAGEMENT_METRICS)) {
          const of = (values: unknown) => (values as Record<string, number>)[name]!
          if (unit === 'messages') expect(of(all)).toBe(of(one) + of(two))
          if (unit === 'percent') expect([name, of(all) >= 0 && of(all) <= 100]).toEqual([name, true])
        }
      }),
      { numRuns: 80 },
    )
  })

  test('are zeros, and null for the medians, without a message', () => {
    const values = Object.entries(engagementOf([]))
    expect(values.map(([name]) => name)).toEqual(Object.keys(ENGAGEMENT_METRICS))
    for (const [name, value] of values) expect([name, value]).toEqual([name, name.startsWith('median') ? null : 0])
  })

  test('count every condition once', () => {
    const conditions = Object.values(ENGAGEMENT_METRICS).flatMap((metric) =>
      'condition' in metric ? metric.condition : [],
    )
    expect(conditions.toSorted()).toEqual(MESSAGE_CONDITIONS.toSorted())
  })

  test('take the lower of the two middle values as the median', () => {
    const opened = (seconds: number): SampleEvent[] => [
      { id: 'a', kind: 'sent', at: NOW - 1_000_000, data: { messageId: 'm' } },
      { id: 'b', kind: 'opened', at: NOW - 1_000_000 + seconds * 1_000, data: { messageId: 'm' } },
    ]
    const medianOf = (...seconds: readonly number[]) => engagementOfSamples(seconds.map(opened)).medianSecondsToOpen
    expect([medianOf(20), medianOf(40, 20), medianOf(40, 20.5, 30), medianOf(40, 20, 30, 50)]).toEqual([20, 20, 30, 30])
  })
})

describe('the fields of engagement in responses', () => {
  test('hold the metrics as they are calculated', () => {
    const check = TypeCompiler.Compile(engagementSchema)
    fc.assert(
      fc.property(messages, (events) => {
        const values = engagementOfSamples(events)
        expect([...check.Errors(values)]).toEqual([])
        const counts = Object.fromEntries(
          Object.keys(ENGAGEMENT_COUNTS).map((name) => [name, values[name as 'messages']]),
        )
        expect([...TypeCompiler.Compile(engagementCountsSchema).Errors(counts)]).toEqual([])
      }),
      { numRuns: 20 },
    )
    expect([...check.Errors({ ...engagementOf([]), other: 1 })]).not.toEqual([])
    expect([...check.Errors({ ...engagementOf([]), humanOpens: 0.5 })]).not.toEqual([])
  })
})

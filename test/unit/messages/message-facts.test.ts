import { describe, expect, test } from 'bun:test'
import { readMessageEvent } from '../../../src/messages/message-event.ts'
import { classifiedEvents, factsOf, type MessageFacts } from '../../../src/messages/message-facts.ts'
import { fc } from '../../support/base/properties.ts'
import { accept, NOW, rowOf } from '../../support/ingest/event-samples.ts'
import type { SampleEvent } from '../../support/oracle/messages/message-classes.ts'
import { slowFacts } from '../../support/oracle/messages/message-engagement.ts'
import { anyMessage, messageEventOf } from '../../support/oracle/messages/message-samples.ts'

const factsOfSamples = (events: readonly SampleEvent[], until?: number) =>
  factsOf(classifiedEvents(events.map((event) => messageEventOf(event))), until)

/** The facts with what a sample tells about the sending. The stored id derives from the sample's. */
function comparable({ sent, ...facts }: MessageFacts, events: readonly SampleEvent[]) {
  const sample = events.find((event) => messageEventOf(event).id === sent?.eventId)
  return { sent: sent && { eventId: sample?.id, at: sent.at, domain: sent.dimensions.recipient_domain }, ...facts }
}

/** With ids in the order of the stored ones, so that both calculations break ties alike. */
const anyStoredMessage = anyMessage.map((events) => {
  const ids = events.map(({ id }) => id)
  const byStoredId = ids.toSorted((a, b) => (storedId(a) < storedId(b) ? -1 : 1))
  return events.map((event) => ({ ...event, order: byStoredId.indexOf(event.id) }))
})
const storedId = (eventId: string) =>
  accept({ tenantId: 't1', eventId, timestamp: NOW, data: { messageId: 'm' } }).row.id

describe('the facts of a message', () => {
  test('are those of a slow calculation, at any instant', () => {
    fc.assert(
      fc.property(anyStoredMessage, fc.nat({ max: 14 }), (events, cut) => {
        const until = events[cut]?.at ?? Infinity
        const found = comparable(factsOfSamples(events, until), events)
        const ordered = events.map((event) => ({ ...event, id: String(event.order).padStart(2, '0') }))
        const expected = slowFacts(ordered, until)
        const firstSent = expected.sent && {
          ...expected.sent,
          eventId: events.find(({ order }) => order === Number(expected.sent!.eventId))!.id,
        }
        expect(found).toEqual({ ...expected, sent: firstSent } as never)
      }),
      { numRuns: 400 },
    )
  })

  test('are the same for every order, repetition and division into batches', () => {
    const arrival = anyMessage.chain((events) =>
      fc.record({
        events: fc.constant(events),
        shuffled: fc.shuffledSubarray([...events], { minLength: events.length }),
        repeated: fc.shuffledSubarray([...events]),
        cut: fc.nat({ max: events.length }),
      }),
    )
    fc.assert(
      fc.property(arrival, ({ events, shuffled, repeated, cut }) => {
        const stored = [...shuffled.slice(0, cut), ...repeated, ...shuffled.slice(cut), ...repeated]
        expect(factsOfSamples(stored)).toEqual(factsOfSamples(events))
      }),
      { numRuns: 250 },
    )
  })

  test('take the classes from all events, and count those up to the instant', () => {
    const person = { messageId: 'm', ua: 'Mozilla/5.0 (iPhone)' }
    const at = (kind: string, seconds: number, url?: string): SampleEvent => ({
      id: `${kind}-${seconds}`,
      kind,
      at: NOW - 1_000_000 + seconds * 1_000,
      data: { ...person, ...(url === undefined ? {} : { url }) },
    })
    const events = [
      at('sent', 0),
      at('delivered', 1),
      at('clicked', 100, 'a'),
      at('clicked', 105, 'b'),
      at('clicked', 110, 'c'),
    ]
    const until = events[3]!.at
    expect(factsOfSamples(events.slice(0, 4))).toMatchObject({ clicks: 2, firstHumanClickedAt: events[2]!.at })
    expect(factsOfSamples(events, until)).toMatchObject({
      clicks: 2,
      firstHumanClickedAt: undefined,
      lastEventAt: until,
    })
  })

  test('have the dimensions of the first sending', () => {
    const row = (index: number, fields: object) =>
      readMessageEvent(
        rowOf(index, {
          id: `0000000${index}-0000-5000-8000-000000000000`,
          campaign_id: `c-${index}`,
          metadata: '{"to":"a@b.example"}',
          ...fields,
        }),
      )!
    const events = [row(2, {}), row(1, {}), row(3, { occurred_at: NOW + 1 })]
    expect(factsOf(classifiedEvents(events)).sent).toEqual({
      eventId: events[1]!.id,
      at: NOW,
      dimensions: {
        channel: 'email',
        contact_id: null,
        source_type: '',
        source_id: null,
        campaign_id: 'c-1',
        workflow_id: null,
        sequence_id: null,
        template_id: null,
        recipient_domain: 'b.example',
      },
    })
  })

  test('are empty without an event, and no other event belongs to a message', () => {
    expect(factsOf([])).toMatchObject({ sent: undefined, isAccepted: false, opens: 0, lastEventAt: undefined })
    expect(readMessageEvent(rowOf(1, { event_type: 'campaign_started' }))).toBeUndefined()
  })
})

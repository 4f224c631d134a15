import { describe, expect, test } from 'bun:test'
import { DataSet } from '../../../../src/cli/simulate/data-set.ts'
import { historyEvents } from '../../../../src/cli/simulate/history-events.ts'
import { BOUNCE_CLASSES } from '../../../../src/messages/bounce-class.ts'
import { ACTOR_CLASSES } from '../../../../src/analytics/engagement/actor-classes.ts'
import { ACTOR_REASONS } from '../../../../src/messages/classes/class-rules.ts'
import { engagementOf } from '../../../../src/messages/engagement.ts'
import { readMessageEvent } from '../../../../src/messages/message-event.ts'
import { classifiedEvents, factsOf } from '../../../../src/messages/message-facts.ts'
import { accept } from '../../../support/ingest/event-samples.ts'

const endMs = Date.parse('2026-03-19T10:15:30.123Z')
const history = historyEvents({
  dataSet: new DataSet(7, 20),
  seed: 7,
  endMs,
  spanMs: 28 * 86_400_000,
  eventCount: 40_000,
})
const rows = [...history]
  .filter(({ subject }) => subject.startsWith('pipeline.message.'))
  .map(({ subject, envelope }) => accept(envelope, { subject }).row)
const messages = [...Map.groupBy(rows, ({ entity_id }) => entity_id).values()].map((events) => ({
  rows: events,
  events: classifiedEvents(events.map((row) => readMessageEvent(row)!)),
}))
const facts = messages.map(({ events }) => factsOf(events))
const verdicts = messages.flatMap(({ events }) => events.flatMap(({ verdict }) => verdict ?? []))

/** The engagement of messages whose sending has this value in a column. */
const engagementBy = (column: 'channel' | 'template_id' | 'recipient_domain') =>
  [
    ...Map.groupBy(
      facts.filter(({ sent }) => sent),
      ({ sent }) => sent!.dimensions[column],
    ),
  ].map(([value, group]) => [value, engagementOf(group)] as const)

describe('the engagement of a simulated history', () => {
  test('has every class, for every reason that needs no configuration and no wrong clock', () => {
    expect(new Set(verdicts.map(({ actorClass }) => actorClass))).toEqual(new Set(ACTOR_CLASSES))
    const reasons = new Set(verdicts.map(({ actorReason }) => actorReason))
    expect(ACTOR_REASONS.filter((reason) => !reasons.has(reason))).toEqual(['before_delivery', 'tenant_cidr'])
  })

  test('has bounces of every class, some of them after the delivery', () => {
    expect(new Set(facts.flatMap(({ bounceClass }) => bounceClass ?? []))).toEqual(new Set(BOUNCE_CLASSES))
    expect(facts.some(({ isOutOfBand }) => isOutOfBand)).toBe(true)
  })

  test('has realistic rates', () => {
    const all = engagementOf(facts)
    const within = (value: number | null, low: number, high: number) => {
      expect(value).toBeGreaterThan(low)
      expect(value).toBeLessThan(high)
    }
    within(all.humanOpenRate, 15, 45)
    within(all.humanClickRate, 3, 15)
    within(all.uniqueOpenRate - all.humanOpenRate, 5, 30)
    within(all.clickToOpenRate, 10, 45)
    within(all.hardBounceRate, 0.5, 3)
    within(all.acceptedRate, 90, 98)
    within(all.unknownShare, 3, 50)
    within(all.medianSecondsToOpen, 300, 20_000)
  })

  test('differs by channel, template and domain', () => {
    const byChannel = new Map(engagementBy('channel'))
    const openRate = (channel: string) => byChannel.get(channel)!.confirmedOpenRate
    expect(openRate('whatsapp')).toBeGreaterThan(1.2 * openRate('email'))
    expect(openRate('email')).toBeGreaterThan(2 * openRate('push'))
    const rates = engagementBy('template_id').flatMap(([, { deliveredMessages, confirmedOpenRate }]) =>
      deliveredMessages >= 100 ? confirmedOpenRate : [],
    )
    expect(rates.length).toBeGreaterThan(20)
    expect(Math.max(...rates)).toBeGreaterThan(2 * Math.min(...rates))
    const domains = new Map(engagementBy('recipient_domain'))
    expect(domains.size).toBe(10)
    const { machineOnlyOpens, uniqueOpens } = domains.get('icloud.com')!
    expect(machineOnlyOpens).toBeGreaterThan(uniqueOpens / 2)
  })
})

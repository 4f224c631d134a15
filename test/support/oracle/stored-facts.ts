/**
 * Compares the stored facts of messages with a slow calculation from the stored events. It shares with the service only the meaning of the columns.
 */
import { ENGAGEMENT_COUNTS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { MESSAGE_CONDITIONS, RESTRICTED_CONDITIONS } from '../../../src/analytics/engagement/message-conditions.ts'
import { ACTOR_CLASSES } from '../../../src/analytics/engagement/actor-classes.ts'
import { type SampleEvent, slowVerdict } from './messages/message-classes.ts'
import { slowEngagement, slowFacts } from './messages/message-engagement.ts'

const KINDS = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed']
const DIMENSIONS = [
  'channel',
  'contact_id',
  'source_type',
  'source_id',
  'campaign_id',
  'workflow_id',
  'sequence_id',
  'template_id',
] as const
type Dimensions = Readonly<Record<(typeof DIMENSIONS)[number], string | null>>

const dimensionTexts = DIMENSIONS.map((name) => `ifNull(${name}, '') AS ${name}`).join(', ')

/** A part of the messages: number `part` of `parts`. */
export interface MessagesPart {
  readonly part: number
  readonly parts: number
}
const ALL: MessagesPart = { part: 0, parts: 1 }

const partSql = (id: string, { part, parts }: MessagesPart) => `cityHash64(tenant_id, ${id}) % ${parts} = ${part}`

/** The stored events of messages. Run it without another statement's aliases in scope. */
export const eventsOfMessages = (part = ALL) => `
  SELECT tenant_id, entity_id AS message_id, toString(events.id) AS id, substring(event_type, 9) AS kind,
    toFloat64(toUnixTimestamp64Milli(occurred_at)) AS at, metadata, ${dimensionTexts}
  FROM analytics_events AS events WHERE event_type IN (${KINDS.map((kind) => `'message_${kind}'`).join(', ')}) AND ${partSql('entity_id', part)}`

/** The rows of facts that the pairs of added and removed rows leave. */
export const factsOfMessages = (part = ALL) => `
  SELECT tenant_id, message_id, toInt32(sum(sign)) AS signs, toFloat64(toUnixTimestamp64Milli(sent_at)) AS at, state,
    opens, clicks, unknown_events AS unknowns, toFloat64(open_delay) AS openDelay, toFloat64(click_delay) AS clickDelay,
    [opened_after, clicked_after, human_opened_after, human_clicked_after, delivered_after, disordered] AS afterSending,
    toFloat64(toUnixTimestamp64Milli(last_event_at)) AS lastAt, ifNull(recipient_domain, '') AS domain,
    action_classes AS classes, ${dimensionTexts}
  FROM analytics_message_facts WHERE ${partSql('message_id', part)}
  GROUP BY tenant_id, message_id, rules, sent_at, state, opens, clicks, unknown_events, open_delay, click_delay, opened_after,
    clicked_after, human_opened_after, human_clicked_after, delivered_after, disordered, last_event_at, events, action_classes, ${DIMENSIONS.join(', ')}, recipient_domain
  HAVING signs != 0`

export interface StoredEvent extends Dimensions {
  readonly tenant_id: string
  readonly message_id: string
  readonly id: string
  readonly kind: string
  readonly at: number
  readonly metadata: string
}

export interface StoredFacts extends Dimensions {
  readonly tenant_id: string
  readonly message_id: string
  readonly signs: number
  readonly [column: string]: unknown
}

/** Every difference in words; none when the facts of every message are what its events say. */
export function factsDifferences(events: readonly StoredEvent[], facts: readonly StoredFacts[]): string[] {
  const keyOf = (row: { tenant_id: string; message_id: string }) => `${row.tenant_id}/${row.message_id}`
  const factsByMessage = Map.groupBy(facts, keyOf)
  const eventsByMessage = Map.groupBy(events, keyOf)
  const differences: string[] = []
  for (const [message, ofMessage] of eventsByMessage) {
    const expected = expectedFacts(ofMessage)
    const found = factsByMessage.get(message) ?? []
    if (found.length !== 1) differences.push(`the message ${message} has ${found.length} facts`)
    const wrong = Object.entries(expected).filter(
      ([name, value]) => found[0] && String(found[0][name]) !== String(value),
    )
    for (const [name, value] of wrong)
      differences.push(`the facts of ${message}: ${name} is ${String(found[0]![name])}, should be ${String(value)}`)
  }
  for (const [message, rows] of factsByMessage)
    if (!eventsByMessage.has(message)) differences.push(`the message ${message} has no events and ${rows.length} facts`)
  return differences
}

function expectedFacts(stored: readonly StoredEvent[]): Record<string, unknown> {
  const samples = stored.map(sampleOf)
  const { sent, ...facts } = slowFacts(samples)
  const lastAt = facts.lastEventAt
  const sending = stored.find(({ id }) => id === sent?.eventId)
  if (!sent || !sending) {
    const none = {
      ...{ state: 0, opens: 0, clicks: 0, unknowns: 0, openDelay: -1, clickDelay: -1, domain: '', classes: 0 },
      afterSending: [-1, -1, -1, -1, -1, 0],
    }
    const dimensions = Object.fromEntries(DIMENSIONS.map((name) => [name, '']))
    return { signs: 1, at: Math.min(...stored.map(({ at }) => at)), ...none, lastAt, ...dimensions }
  }
  const after = (startedAt: number) => (at: number | undefined) => (at === undefined ? -1 : Math.max(0, at - startedAt))
  const delay = after(facts.deliveredAt ?? sent.at)
  const { firstOpenedAt, firstClickedAt, firstHumanOpenedAt, firstHumanClickedAt } = facts
  return {
    signs: 1,
    at: sent.at,
    state: expectedState(samples),
    opens: facts.opens,
    clicks: facts.clicks,
    unknowns: facts.unknownOpens + facts.unknownClicks,
    openDelay: delay(facts.firstHumanOpenedAt),
    clickDelay: delay(facts.firstHumanClickedAt),
    afterSending: [
      ...[firstOpenedAt, firstClickedAt, firstHumanOpenedAt, firstHumanClickedAt, facts.deliveredAt].map(
        after(sent.at),
      ),
      isDisordered(samples, sent.at) ? 1 : 0,
    ],
    lastAt,
    domain: sent.domain ?? '',
    classes: expectedClasses(samples),
    ...Object.fromEntries(DIMENSIONS.map((name) => [name, sending[name]])),
  }
}

function isDisordered(samples: readonly SampleEvent[], sentAt: number): boolean {
  const early = samples.filter(({ kind, at }) => at < sentAt && ['delivered', 'opened', 'clicked'].includes(kind))
  return early.length > 0 || samples.filter(({ kind }) => kind === 'sent').length > 1
}

/** One bit per count, then one per numerator of a rate of delivered messages. */
function expectedState(samples: readonly SampleEvent[]): number {
  const counts = slowEngagement([samples])
  const names = Object.keys(ENGAGEMENT_COUNTS) as (keyof typeof ENGAGEMENT_COUNTS)[]
  const holds = (condition: string) =>
    names.some((name) => ENGAGEMENT_COUNTS[name].condition === condition && counts[name] === 1)
  const restricted = RESTRICTED_CONDITIONS.map((condition) => holds('delivered') && holds(condition))
  return [...MESSAGE_CONDITIONS.map(holds), ...restricted].reduce((sum, isSet, bit) => sum + (isSet ? 2 ** bit : 0), 0)
}

/** One bit per class of the opens, then one per class of the clicks. */
function expectedClasses(samples: readonly SampleEvent[]): number {
  const bitsOf = (kind: string) =>
    ACTOR_CLASSES.map((name) =>
      samples.some((event) => event.kind === kind && slowVerdict(event, samples).split(' ')[0] === name) ? '1' : '0',
    )
  return Number.parseInt([...bitsOf('opened'), ...bitsOf('clicked')].toReversed().join(''), 2)
}

/** The stored metadata holds the fields of `data` that the producer's own metadata has too under `data.<name>`. */
function sampleOf({ id, kind, at, metadata }: StoredEvent): SampleEvent {
  const fields = Object.entries(JSON.parse(metadata) as Record<string, unknown>)
  const own = fields
    .filter(([name]) => name.startsWith('data.'))
    .map(([name, value]) => [name.slice(5), value] as const)
  return { id, kind, at, data: { ...Object.fromEntries(own), metadata: Object.fromEntries(fields) } }
}

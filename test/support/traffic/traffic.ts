import type { Published } from '../oracle/history.ts'
import { type Chance, chanceOf } from '../base/random.ts'
import { type Feed, journeyOf } from './traffic-journeys.ts'

export interface TrafficOptions {
  readonly seed: number
  readonly tenants: readonly string[]
  /** Messages per tenant; each has about 5 events. */
  readonly messages: number
  /** All events lie between `fromMs` and `toMs`. */
  readonly fromMs: number
  readonly toMs: number
  /** Instants such as local midnights: events occur at each of them, and one second and one millisecond before or after it. */
  readonly edgesMs?: readonly number[]
  /** Fraction of the events that are published again. */
  readonly repeats?: number
}

/**
 * A realistic feed of several tenants, the same for the same options: out of order, with duplicates (some in other
 * spellings), times in every spelling, unusual ids, renamed entities, and every form of a source.
 */
export function trafficOf(options: TrafficOptions): Published[] {
  const chance = chanceOf(options.seed)
  const published: Published[] = []
  for (const tenant of options.tenants) {
    let count = 0
    const feed: Feed = {
      chance,
      tenant,
      add(subject, exactMs, data) {
        const atMs = Math.floor(exactMs)
        if (atMs < options.fromMs || atMs > options.toMs) return
        published.push(eventOf(feed, `${options.seed}-${count++}`, subject, atMs, data))
      },
    }
    for (let index = 0; index < options.messages; index++) {
      journeyOf(feed, `${options.seed}-${index}`, options.fromMs + chance.next() * (options.toMs - options.fromMs))
    }
    // Each instant once: a message that is sent twice at once has no first sending.
    for (const atMs of new Set((options.edgesMs ?? []).flatMap(instantsAround))) addEdge(feed, atMs)
  }
  repeatSome(published, chance, options.repeats ?? 0.05)
  shuffle(published, chance)
  return published
}

function eventOf(feed: Feed, key: string, subject: string, atMs: number, data: Record<string, unknown>): Published {
  const { chance, tenant } = feed
  const envelope = {
    tenantId: tenant,
    timestamp: spellingOf(atMs, chance),
    ...(chance.hits(0.5) ? { correlationId: `request-${key}` } : {}),
    data: { ...data, metadata: { agent: 'Mozilla/5.0 ("ünïcode" \\ \t)', key } },
  }
  // Most feeds give their events ids; a few rely on the message id of the broker or on the stream sequence.
  if (chance.hits(0.9)) return [subject, { eventId: `event-${key}`, ...envelope }]
  return chance.hits(0.7) ? [subject, envelope, { 'Nats-Msg-Id': `${tenant}/${key}` }] : [subject, envelope]
}

const OFFSETS_MIN = [330, 345, -210, -480, 60, 825, 0]

/** An instant in one of the spellings of producers. */
function spellingOf(atMs: number, chance: Chance): string | number {
  const form = chance.next()
  if (form < 0.2) return atMs
  if (form < 0.5) return new Date(atMs).toISOString()
  if (form < 0.6) return new Date(atMs).toISOString().replace('Z', '987Z')
  if (form < 0.7) return new Date(atMs).toISOString().replace('.000Z', 'Z')
  const offsetMin = chance.pick(OFFSETS_MIN)
  const wallClock = new Date(atMs + offsetMin * 60_000).toISOString().replace(/(\.000)?Z$/, '')
  const hours = String(Math.floor(Math.abs(offsetMin) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offsetMin) % 60).padStart(2, '0')
  return `${wallClock}${offsetMin < 0 ? '-' : '+'}${hours}:${minutes}`
}

function instantsAround(edgeMs: number): number[] {
  return [edgeMs - 1000, edgeMs - 1, edgeMs, edgeMs + 1, edgeMs + 1000]
}

function addEdge(feed: Feed, atMs: number): void {
  const index = `edge-${atMs}`
  const message = { messageId: index, channel: feed.chance.pick(['email', 'sms']), contactId: `contact-${index}` }
  const data = { ...message, campaignId: 'campaign-edge', templateId: 'template-edge' }
  feed.add('pipeline.message.sent', atMs, data)
  feed.add('pipeline.message.delivered', atMs, data)
  feed.add('workflow.run.started', atMs, { workflowId: 'workflow-edge', runId: index })
  feed.add('sequence.step.executed', atMs, { sequenceId: 'sequence-edge', enrollmentId: 'edge', stepNumber: 1 })
}

/** Repeats only events with an id: without an id, the second publication is another event. */
function repeatSome(published: Published[], chance: Chance, share: number): void {
  for (let left = Math.floor(published.length * share); left > 0; left--) {
    const [subject, envelope, headers] = chance.pick(published)
    if (headers) published.push([subject, envelope, headers])
    else if (envelope.eventId !== undefined) {
      const atMs = typeof envelope.timestamp === 'number' ? envelope.timestamp : Date.parse(envelope.timestamp)
      published.push([subject, { ...envelope, timestamp: spellingOf(atMs, chance) }])
    }
  }
}

function shuffle(published: Published[], chance: Chance): void {
  for (let last = published.length - 1; last > 0; last--) {
    const other = chance.below(last + 1)
    const [here, there] = [published[last], published[other]]
    if (here && there) [published[last], published[other]] = [there, here]
  }
}

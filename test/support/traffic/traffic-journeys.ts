import { DAY_MS, HOUR_MS } from '../oracle/zone.ts'
import type { Chance } from '../base/random.ts'

/** The recipient of a journey's events. The data describes the event; the envelope is added later. */
export interface Feed {
  readonly chance: Chance
  readonly tenant: string
  add(subject: string, atMs: number, data: Record<string, unknown>): void
}

/** Ids that break code which concatenates them instead of binding, escaping or encoding them. */
export const ODD_IDS = [
  `O'Brien "quoted"`,
  'back\\slash\\',
  "'; DROP TABLE analytics_events; --",
  'a b&c=d?e#f/g%25+h',
  'emoji 😀👩‍🚀',
  '日本語 ünïcödé עברית',
  'line\nbreak\ttab',
  '{tenant:String} ${x} %s',
  'NUL \0 inside',
  '😀'.repeat(600),
] as const

type Data = Record<string, unknown>
type Kind = 'campaign' | 'workflow' | 'sequence'

const MINUTE_MS = 60_000
const CHANNELS = ['email', 'email', 'email', 'sms', 'whatsapp', 'push']

/** All events around one message with a unique `key`: its own events, and those of the campaign, workflow or sequence that sent it. */
export function journeyOf(feed: Feed, key: string, atMs: number): void {
  const { chance } = feed
  const kind = chance.pick<Kind>(['campaign', 'campaign', 'workflow', 'sequence'])
  const id = idOf(feed, kind)
  const contactId = `contact-${chance.below(60)}`
  const message: Data = {
    messageId: `message-${key}`,
    ...(chance.hits(0.9) ? { channel: chance.pick(CHANNELS) } : {}),
    userId: null,
    ...(chance.hits(0.95) ? { contactId } : {}),
    ...sourceOf(feed, kind, id, atMs),
    ...(chance.hits(0.85) ? templateOf(feed, atMs) : {}),
  }
  addMessage(feed, message, atMs)
  if (kind === 'campaign') addCampaign(feed, id, atMs)
  if (kind === 'workflow') addRun(feed, { runId: `run-${key}`, contactId, ...workflowOf(feed, id, atMs) }, atMs)
  if (kind === 'sequence') addEnrollment(feed, id, `enrollment-${key}`, atMs)
  if (chance.hits(0.1)) feed.add(chance.pick(['contact.created', 'contact.updated']), atMs, { contactId, name: 'Ann' })
}

/** A few ids have most of the traffic; some are unusual. */
function idOf({ chance }: Feed, kind: Kind | 'template'): string {
  if (chance.hits(0.15)) return `${kind} ${chance.pick(ODD_IDS)}`
  return `${kind}-${Math.floor(chance.next() * chance.next() * 12)}`
}

/** Names change every nine days; the newest name applies, whatever the order of arrival. */
function nameOf(kind: string, id: string, atMs: number): string {
  return `${kind} "${id}" v${Math.floor(atMs / (9 * DAY_MS))}`
}

function templateOf(feed: Feed, atMs: number): Data {
  const templateId = idOf(feed, 'template')
  return { templateId, ...(feed.chance.hits(0.6) ? { templateName: nameOf('template', templateId, atMs) } : {}) }
}

/** The forms in which a producer names the source of a message. */
function sourceOf(feed: Feed, kind: Kind, id: string, atMs: number): Data {
  const name = nameOf(kind, id, atMs)
  const other = feed.chance.pick<Kind>(['campaign', 'workflow', 'sequence'])
  return feed.chance.pick<Data>([
    { sourceType: kind, sourceId: id },
    { sourceType: kind, sourceId: id, sourceName: name },
    { [`${kind}Id`]: id },
    { [`${kind}Id`]: id, [`${kind}Name`]: name },
    { [`${kind}Id`]: null, sourceType: kind, sourceId: id, sourceName: name },
    // Sent by one source on behalf of another: both are counted.
    { [`${kind}Id`]: id, ...(other === kind ? {} : { sourceType: other, sourceId: idOf(feed, other) }) },
  ])
}

/** What events of a message say about who acted, and about bounces. */
const EVIDENCE: readonly Data[] = [
  { userAgent: 'Mozilla/5.0 (iPhone)', ip: '192.0.2.7' },
  { ua: 'Mozilla/5.0 (Macintosh)', status: '5.1.1' },
  { userAgent: 'Mozilla/5.0 (via ggpht.com GoogleImageProxy)', status: '4.2.2' },
  { userAgent: 'Mozilla/5.0', status: '5.7.1' },
  { user_agent: 'Mimecast', bounceType: 'dropped' },
  {},
]

function addMessage(feed: Feed, message: Data, atMs: number): void {
  const { chance } = feed
  const add = (event: string, delayMs: number, extra: Data = {}) =>
    feed.add(`pipeline.message.${event}`, atMs + chance.next() * delayMs, { ...message, ...evidence, ...extra })
  const evidence = EVIDENCE[Math.floor(atMs) % EVIDENCE.length]
  feed.add('pipeline.message.sent', atMs, message)
  if (chance.hits(0.06)) return add('bounced', MINUTE_MS)
  add('delivered', MINUTE_MS)
  if (chance.hits(0.45)) add('opened', DAY_MS)
  if (chance.hits(0.08)) add('opened', 5 * DAY_MS)
  // Some clicks have no open event, because images were blocked.
  if (chance.hits(0.15)) add('clicked', 2 * DAY_MS, { url: 'https://example.com/?a=1&b="x"', clicks: { at: [1, 2.5] } })
  if (chance.hits(0.02)) add('complained', 20 * DAY_MS)
  if (chance.hits(0.03)) add('unsubscribed', 20 * DAY_MS)
}

function addCampaign(feed: Feed, campaignId: string, atMs: number): void {
  const { chance } = feed
  const channel = chance.hits(0.5) ? { channel: 'email' } : {}
  if (chance.hits(0.3)) {
    feed.add('campaign.started', atMs - HOUR_MS, { campaignId, ...channel, name: nameOf('campaign', campaignId, atMs) })
  }
  if (chance.hits(0.1)) feed.add('campaign.completed', atMs + DAY_MS, { campaignId, ...channel })
}

function workflowOf(feed: Feed, id: string, atMs: number): Data {
  return feed.chance.pick<Data>([
    { workflowId: id },
    { workflowId: id, name: nameOf('workflow', id, atMs) },
    { sourceType: 'workflow', sourceId: id },
    { workflowId: id, campaignId: idOf(feed, 'campaign') },
  ])
}

function addRun(feed: Feed, run: Data, atMs: number): void {
  const { chance } = feed
  const add = (event: string, extra: Data = {}) =>
    feed.add(`workflow.run.${event}`, atMs + chance.next() * 2 * DAY_MS, { ...run, ...extra })
  feed.add('workflow.run.started', atMs, run)
  const end = chance.next()
  if (end < 0.55) add('completed', chance.hits(0.7) ? { status: 'completed' } : {})
  else if (end < 0.7) add('completed', { status: 'failed' })
  else if (end < 0.8) add('failed', { reason: 'no "address"' })
  if (chance.hits(0.3)) add('goal_reached')
}

function addEnrollment(feed: Feed, sequenceId: string, enrollmentId: string, atMs: number): void {
  const { chance } = feed
  const about = {
    enrollmentId,
    contactId: `contact-${enrollmentId}`,
    ...(chance.hits(0.1) ? {} : { sequenceId }),
    ...(chance.hits(0.4) ? { sequenceName: nameOf('sequence', sequenceId, atMs) } : {}),
  }
  const add = (event: string, delayMs: number, extra: Data = {}) =>
    feed.add(`sequence.${event}`, atMs + delayMs, { ...about, ...extra })
  if (chance.hits(0.9)) add('enrollment.started', 0)
  const steps = 1 + chance.below(5)
  for (let stepNumber = 1; stepNumber <= steps; stepNumber++) {
    add('step.executed', stepNumber * 20 * HOUR_MS, { stepNumber, channel: 'email' })
  }
  const endMs = steps * 20 * HOUR_MS
  const end = chance.next()
  if (end < 0.3) add('enrollment.replied', endMs + HOUR_MS, chance.hits(0.8) ? { stepNumber: steps } : {})
  if (end < 0.1) add('enrollment.replied', endMs + 3 * DAY_MS, { stepNumber: steps })
  if (end > 0.2 && end < 0.5) add('enrollment.completed', endMs + 2 * HOUR_MS)
  if (end > 0.5 && end < 0.7) add(`enrollment.${chance.pick(['exited', 'unsubscribed', 'bounced', 'paused'])}`, endMs)
  // A step long after the end assigns an enrollment to a range that begins after its end.
  if (chance.hits(0.15)) add('step.executed', endMs + 15 * DAY_MS, { stepNumber: steps + 1 })
  // A step of a sequence outside any enrollment.
  if (chance.hits(0.05)) feed.add('sequence.step.executed', atMs, { sequenceId, stepNumber: 1 })
}

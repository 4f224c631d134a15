/**
 * The events of the fault runs: what event number n is follows from n alone, so that an hour of them needs no memory, any can be published again, and what must be
 * stored in the end can be calculated.
 */
import type { RejectionReason } from '../../../src/events/rejection.ts'

export interface NumberedEvent {
  readonly subject: string
  readonly body: string | Uint8Array
  /** The `Nats-Msg-Id` header. */
  readonly messageId: string | undefined
}

const TENANT_COUNT = 40
const CHANNELS = ['email', 'sms', 'whatsapp', 'push']
const DAY_MS = 86_400_000

/** The events of a message are so many numbers apart, so that they are in different blocks. */
const MESSAGE_STEP = 1_602
/** Kinds of events of messages, the first of KINDS. */
const MESSAGE_KINDS = 4
const AGENTS = ['Mozilla/5.0', 'Mozilla/5.0 (iPhone)', 'curl/8', 'GoogleImageProxy', undefined]
/** Every fifth message is sent last, yet in an earlier month than its other events. */
const LATE_SENDING_DAYS = 35

/** Subject, stored type and the field of the entity's id. */
const KINDS = [
  ['pipeline.message.sent', 'message_sent', 'messageId'],
  ['pipeline.message.delivered', 'message_delivered', 'messageId'],
  ['pipeline.message.opened', 'message_opened', 'messageId'],
  ['pipeline.message.clicked', 'message_clicked', 'messageId'],
  ['campaign.started', 'campaign_started', 'campaignId'],
  ['workflow.run.completed', 'workflow_run_completed', 'runId'],
  ['sequence.enrollment.replied', 'sequence_enrollment_replied', 'enrollmentId'],
  ['contact.created', 'contact_created', 'contactId'],
] as const

const POISON: readonly (readonly [RejectionReason, (n: number) => string | Uint8Array])[] = [
  ['invalid_json', (n) => `{"n":${n}`],
  ['invalid_json', (n) => Uint8Array.of(0xff, 0xfe, n & 0xff)],
  ['not_an_object', (n) => `[${n}]`],
  ['invalid_tenant', (n) => JSON.stringify({ tenantId: 'no blanks', timestamp: n, data: {} })],
  ['invalid_timestamp', (n) => envelopeText(n, { timestamp: '2026-02-30T00:00:00Z' })],
  ['future_timestamp', (n) => envelopeText(n, { timestamp: '9999-01-01T00:00:00Z' })],
  ['expired_timestamp', (n) => envelopeText(n, { timestamp: '1800-01-01T00:00:00Z' })],
  ['missing_entity_id', (n) => envelopeText(n, { data: { channel: 'email' } })],
  ['unknown_channel', (n) => envelopeText(n, { data: { messageId: `x${n}`, channel: 'fax' } })],
  ['invalid_text', (n) => envelopeText(n, { data: { messageId: `x${n}`, contactId: '\ud800' } })],
]

/** Odd, yet good: they have to come out as they went in. */
const ODD_TEXTS = ['NUL\0', 'שלום', '👩‍👩‍👧 emoji', 'quote \' \\ " {tenant:String}', '\u2028line', 'e\u0301', 'ﷺ']

export function tenantOf(n: number): string {
  const entity = entityOf(n)
  // One tenant has a third of the traffic.
  return entity % 3 === 0 ? 'tenant-0' : `tenant-${entity % TENANT_COUNT}`
}

/** The number of the entity, which no other event of the same kind has: the first event of a message, else the event itself. */
export function entityOf(n: number): number {
  const position = (n >> 1) % KINDS.length
  const first = n - position * MESSAGE_STEP
  return position < MESSAGE_KINDS && first > 0 ? first : n
}

function isSentLast(n: number): boolean {
  return (entityOf(n) >> 4) % 5 === 0
}

export function kindOf(n: number) {
  const position = (n >> 1) % KINDS.length
  return KINDS[position < MESSAGE_KINDS && isSentLast(n) ? MESSAGE_KINDS - 1 - position : position]!
}

/** Why event number n is refused; undefined for the good ones. */
export function poisonOf(n: number): RejectionReason | undefined {
  return n % 499 === 7 ? POISON[Math.floor(n / 499) % POISON.length]![0] : undefined
}

/** `epoch` is the run's own beginning in epoch milliseconds: events spread over three months before it. */
export function numberedEvent(n: number, epoch: number): NumberedEvent {
  if (poisonOf(n)) {
    const [, make] = POISON[Math.floor(n / 499) % POISON.length]!
    return { subject: 'pipeline.message.sent', body: make(n), messageId: `poison-${n}` }
  }
  const [subject, type, idField] = kindOf(n)
  const daysAgo = type === 'message_sent' && isSentLast(n) ? LATE_SENDING_DAYS : n % 100 === 1 ? n % 89 : 0
  const data = {
    [idField]: `x${entityOf(n)}`,
    ...(type === 'message_opened' || type === 'message_clicked'
      ? { userAgent: AGENTS[n % AGENTS.length], url: `https://example.com/${n % 4}` }
      : {}),
    channel: CHANNELS[n % CHANNELS.length],
    ...(n % 211 === 3
      ? { userId: ODD_TEXTS[n % ODD_TEXTS.length], metadata: { odd: ODD_TEXTS[n % ODD_TEXTS.length], big: 2 ** 53 } }
      : {}),
    sourceType: 'campaign',
    sourceId: `c${n % 20}`,
    sourceName: 'A campaign',
  }
  // Every third kind of identity: both keys, the event's own, the message's.
  const eventId = n % 3 === 2 ? undefined : `event-${n}`
  const envelope = { eventId, tenantId: tenantOf(n), timestamp: epoch - (n % 60_000) - daysAgo * DAY_MS, data }
  return { subject, body: JSON.stringify(envelope), messageId: n % 3 === 1 ? undefined : `message-${n}` }
}

/** Another event under the identity of number n, which must have an event id; undefined where there is none. */
export function conflictingEvent(n: number, epoch: number): NumberedEvent | undefined {
  if (n % 3 === 2 || poisonOf(n)) return undefined
  const { subject, body } = numberedEvent(n, epoch)
  return { subject, body: String(body).replace(`"x${entityOf(n)}"`, `"x${n + 1}"`), messageId: undefined }
}

function envelopeText(n: number, fields: object): string {
  const data = { messageId: `x${n}`, channel: 'email' }
  return JSON.stringify({ eventId: `event-${n}`, tenantId: tenantOf(n), timestamp: Date.now(), data, ...fields })
}

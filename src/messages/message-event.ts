/** What the facts of a message are made of: one event of the message, reduced to what they need. */
import type { JsonObject } from '../events/event-envelope.ts'
import type { EventRow } from '../events/event-row.ts'
import { type BounceClass, bounceClassOf } from './bounce-class.ts'
import { NO_INPUTS, readClassInputs } from './classes/class-inputs.ts'
import { type ClassRules, DEFAULT_RULES } from './classes/class-rules.ts'
import type { ClassifiableEvent } from './classes/classifiable-event.ts'
import { recipientDomainOf } from './recipient-domain.ts'

const PREFIX = 'message_'
export const MESSAGE_EVENT_KINDS = [
  'sent',
  'delivered',
  'opened',
  'clicked',
  'bounced',
  'complained',
  'unsubscribed',
] as const
export type MessageEventKind = (typeof MESSAGE_EVENT_KINDS)[number]
const kindByType = new Map<string, MessageEventKind>(MESSAGE_EVENT_KINDS.map((kind) => [PREFIX + kind, kind]))

export function isMessageEventType(eventType: string): boolean {
  return kindByType.has(eventType)
}

/** The columns of an event that its message is filtered and grouped by. */
type DimensionColumn =
  'channel' | 'contact_id' | 'source_type' | 'source_id' | 'campaign_id' | 'workflow_id' | 'sequence_id' | 'template_id'

export interface SentDimensions extends Pick<EventRow, DimensionColumn> {
  readonly recipient_domain: string | null
}

/** The characters of a UUID that are its first half. */
const FIRST_HALF = 18

export interface MessageEvent extends ClassifiableEvent {
  /** The first half of the event's id, 16 hexadecimal digits: it tells the events of one message apart. */
  readonly id: string
  readonly kind: MessageEventKind
  /** Of a bounce only. */
  readonly bounceClass: BounceClass | undefined
  /** Of a sending only. */
  readonly dimensions: SentDimensions | undefined
}

/** The columns that an event of a message is read from. */
export type MessageRow = Pick<EventRow, 'id' | 'event_type' | 'occurred_at' | 'metadata' | DimensionColumn>

/** Reads an event of a message from its row; undefined for the row of any other event. `rules` are those of the tenant, whose networks are part of what is read. */
export function readMessageEvent(row: MessageRow, rules: ClassRules = DEFAULT_RULES): MessageEvent | undefined {
  const kind = kindByType.get(row.event_type)
  if (kind === undefined) return undefined
  const metadata = needsMetadata(kind, row.metadata) ? (JSON.parse(row.metadata) as JsonObject) : {}
  return {
    id: row.id.slice(0, FIRST_HALF).replaceAll('-', ''),
    kind,
    occurredAt: row.occurred_at,
    inputs: row.metadata === '{}' ? NO_INPUTS : readClassInputs(metadata, rules.scannerNetworks),
    bounceClass: kind === 'bounced' ? bounceClassOf(metadata) : undefined,
    dimensions: kind === 'sent' ? dimensionsOf(row, metadata) : undefined,
  }
}

/** The role honeypot counts in events of all kinds; apart from it, only some kinds have fields that are read. */
function needsMetadata(kind: MessageEventKind, metadata: string): boolean {
  if (metadata === '{}') return false
  return (
    kind === 'opened' || kind === 'clicked' || kind === 'bounced' || kind === 'sent' || metadata.includes('honeypot')
  )
}

function dimensionsOf(row: MessageRow, metadata: JsonObject): SentDimensions {
  return {
    channel: row.channel,
    contact_id: row.contact_id,
    source_type: row.source_type,
    source_id: row.source_id,
    campaign_id: row.campaign_id,
    workflow_id: row.workflow_id,
    sequence_id: row.sequence_id,
    template_id: row.template_id,
    recipient_domain: recipientDomainOf(metadata) ?? null,
  }
}

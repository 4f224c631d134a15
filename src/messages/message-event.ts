/** What the facts of a message are made of: one event of the message, reduced to what they need. */
import { HEX_PAIRS } from '../base/bytes/hexadecimal.ts'
import { UUID_BYTES } from '../base/bytes/uuid-bytes.ts'
import type { EventBlock } from '../events/block/event-block.ts'
import type { JsonObject } from '../events/event-envelope.ts'
import type { EventRow } from '../events/event-row.ts'
import { INPUT_NAMES } from '../events/input-names.ts'
import { BOUNCE_FIELDS, type BounceClass, bounceClassOf } from './bounce-class.ts'
import {
  CLASS_INPUT_NAMES,
  type ClassInputs,
  isHoneypot,
  LINK_ROLE,
  NO_INPUTS,
  readClassInputs,
} from './classes/class-inputs.ts'
import { type ClassRules, DEFAULT_RULES } from './classes/class-rules.ts'
import type { ClassifiableEvent } from './classes/classifiable-event.ts'
import { InputBit } from './classes/input-bits.ts'
import { DATA_PREFIX } from './metadata-fields.ts'
import { FieldPicker, NO_FIELDS } from './picked-fields.ts'
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
/** The event types of messages. */
export const MESSAGE_EVENT_TYPES: readonly string[] = MESSAGE_EVENT_KINDS.map((kind) => PREFIX + kind)
const kindByType = new Map<string, MessageEventKind>(MESSAGE_EVENT_KINDS.map((kind) => [PREFIX + kind, kind]))

/** The kind of the events of a message that have this event type; undefined for other event types. */
export function messageEventKind(eventType: string): MessageEventKind | undefined {
  return kindByType.get(eventType)
}

/** The columns of an event that its message is filtered and grouped by. */
type DimensionColumn =
  'channel' | 'contact_id' | 'source_type' | 'source_id' | 'campaign_id' | 'workflow_id' | 'sequence_id' | 'template_id'

export interface SentDimensions extends Pick<EventRow, DimensionColumn> {
  readonly recipient_domain: string | null
}

/** The characters of a UUID that are its first half. */
const FIRST_HALF = 18

/** `Dimensions` are those of a sending, in whatever form. */
export interface MessageEvent<Dimensions = SentDimensions> extends ClassifiableEvent {
  /** The first half of the event's id, 16 hexadecimal digits: it tells the events of one message apart. */
  readonly id: string
  readonly kind: MessageEventKind
  /** Of a bounce only. */
  readonly bounceClass: BounceClass | undefined
  /** Of a sending only. */
  readonly dimensions: Dimensions | undefined
}

/** The columns that an event of a message is read from. */
export type MessageRow = Pick<EventRow, 'id' | 'event_type' | 'occurred_at' | 'metadata' | DimensionColumn>

/** Reads an event of a message from its row; undefined for the row of any other event. `rules` are those of the tenant, whose networks are part of what is read. */
export function readMessageEvent(row: MessageRow, rules: ClassRules = DEFAULT_RULES): MessageEvent | undefined {
  const kind = kindByType.get(row.event_type)
  if (kind === undefined) return undefined
  const metadata = row.metadata === '{}' ? {} : (JSON.parse(row.metadata) as JsonObject)
  return {
    id: row.id.slice(0, FIRST_HALF).replaceAll('-', ''),
    kind,
    occurredAt: row.occurred_at,
    inputs: readInputs(kind, metadata, rules),
    bounceClass: kind === 'bounced' ? bounceClassOf(metadata) : undefined,
    dimensions: kind === 'sent' ? dimensionsOf(row, metadata) : undefined,
  }
}

/** Reads an event of a message from its row in a block, without a text for each column. `placeOf` gives the dimensions of a sending whose recipient has this domain. */
export function readBlockEvent<Dimensions>(
  { columns }: EventBlock,
  row: number,
  kind: MessageEventKind,
  rules: ClassRules,
  placeOf: (row: number, recipientDomain: string | null) => Dimensions,
): MessageEvent<Dimensions> {
  const { id, metadata, occurred_at } = columns
  const from = metadata.start(row)
  const to = metadata.ends[row]!
  const fields = to - from === EMPTY_LENGTH ? NO_FIELDS : PICKERS[kind].pick(metadata.bytes, from, to)
  return {
    id: firstHalfOf(id.bytes, row * UUID_BYTES),
    kind,
    occurredAt: occurred_at.values[row]!,
    inputs: fields === NO_FIELDS ? NO_INPUTS : readInputs(kind, fields, rules),
    bounceClass: kind === 'bounced' ? bounceClassOf(fields) : undefined,
    dimensions:
      kind === 'sent' ? placeOf(row, fields === NO_FIELDS ? null : (recipientDomainOf(fields) ?? null)) : undefined,
  }
}

/** That of `{}`. */
const EMPTY_LENGTH = 2

/** The role honeypot counts in events of all kinds; apart from it, only opens and clicks have inputs. */
function readInputs(kind: MessageEventKind, metadata: JsonObject, rules: ClassRules): ClassInputs {
  if (kind === 'opened' || kind === 'clicked') return readClassInputs(metadata, rules.scannerNetworks)
  return isHoneypot(metadata) ? HONEYPOT_INPUTS : NO_INPUTS
}

const HONEYPOT_INPUTS: ClassInputs = { bits: InputBit.honeypot, link: undefined }

/** By kind: the fields of `metadata` that are read. */
const PICKERS = ((): Readonly<Record<MessageEventKind, FieldPicker>> => {
  const prefixed = (names: readonly string[]) => names.flatMap((name) => [name, DATA_PREFIX + name])
  const picker = (names: readonly string[], repeated: readonly string[] = []) =>
    new FieldPicker(prefixed([...new Set([...names, LINK_ROLE])]), prefixed(repeated))
  const [opens, others] = [picker(CLASS_INPUT_NAMES, INPUT_NAMES.userAgent), picker([])]
  return {
    sent: picker(INPUT_NAMES.recipient),
    delivered: others,
    opened: opens,
    clicked: opens,
    bounced: picker(BOUNCE_FIELDS),
    complained: others,
    unsubscribed: others,
  }
})()

/** The first half of the id at `offset`, which is stored with its bytes in reverse order. */
function firstHalfOf(bytes: Uint8Array, offset: number): string {
  const hex = (index: number) => HEX_PAIRS[bytes[offset + index]!]!
  return `${hex(7)}${hex(6)}${hex(5)}${hex(4)}${hex(3)}${hex(2)}${hex(1)}${hex(0)}`
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

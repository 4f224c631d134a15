/**
 * Turns an envelope into a row and the names of entities that it contains, or into a rejection. Pure.
 */
import { CHANNELS, type Channel } from '../../base/channels.ts'
import type { EventDefinition } from '../catalogue.ts'
import type { EventEnvelope } from '../event-envelope.ts'
import type { EventRow, NamedEntity, NameObservation } from '../event-row.ts'
import { ExactNumbers, NestedTooDeeply } from './exact-numbers.ts'
import { FieldReader } from './field-reader.ts'
import { deriveEventId, type StreamPosition } from '../identity.ts'
import { collectMetadata } from './metadata.ts'
import { Rejection } from '../rejection.ts'
import { retentionStart } from '../../base/retention.ts'
import { isTooFarInFuture, parseTimestamp } from './timestamp.ts'
import { timestampHint } from './timestamp-hint.ts'

/** The facts about a message that are not in its body. */
export interface MessageContext {
  readonly definition: EventDefinition
  readonly position: StreamPosition
  /** The `Nats-Msg-Id` header. */
  readonly messageId: string | undefined
  /** The wall clock in epoch milliseconds. */
  readonly now: number
}

export interface NormalisedEvent {
  readonly row: EventRow
  readonly names: readonly NameObservation[]
}

/** Kinds of entities that can be the source of an event. */
const SOURCE_ENTITIES = ['campaign', 'workflow', 'sequence'] as const

/** The source of an event and the ids of the entities that it belongs to. */
interface Sources {
  readonly source_type: string
  readonly source_id: string | null
  readonly sourceEntity: (typeof SOURCE_ENTITIES)[number] | undefined
  readonly ids: Readonly<Record<NamedEntity, string | null>>
}

/**
 * Normalises one event. A field of `data` with a column is stored there if it has the column's type; every other field is stored in `metadata`. An id is a text or an
 * integer of any size, which becomes its decimal digits (1e3 and 1000.0 become `1000`). An unpaired surrogate leads to a rejection in an id and is replaced in any other
 * text.
 */
export function normaliseEvent(envelope: EventEnvelope, context: MessageContext): NormalisedEvent | Rejection {
  try {
    return readEvent(envelope, context)
  } catch (error) {
    if (error instanceof NestedTooDeeply) return new Rejection('nested_too_deeply')
    throw error
  }
}

function readEvent(envelope: EventEnvelope, context: MessageContext): NormalisedEvent | Rejection {
  const { tenantId: tenant_id, data } = envelope
  const { definition } = context
  const numbers = new ExactNumbers(envelope.text)
  const fields = new FieldReader(data, numbers)

  const occurred_at = readOccurredAt(envelope.timestamp, context.now)
  if (occurred_at instanceof Rejection) return occurred_at
  const channel = readChannel(fields)
  if (channel instanceof Rejection) return channel
  const entity_id = readEntityId(fields, definition)
  if (entity_id instanceof Rejection) return entity_id
  const sources = readSources(fields)
  const names = readNames(fields, definition, sources, { tenant_id, occurred_at })
  const contact_id = fields.id('contactId')
  const user_id = fields.id('userId')
  const step_number = fields.stepNumber('stepNumber')
  const enrollment_id = fields.id('enrollmentId')
  const eventId = readEventId(envelope.eventId, numbers)
  if (!fields.areIdsWellFormed || eventId?.isWellFormed() === false) return new Rejection('invalid_text')

  const row: EventRow = {
    id: deriveEventId(tenant_id, eventId ?? context.messageId, context.position),
    tenant_id,
    event_type: eventTypeOf(definition, data['status']),
    entity_type: definition.entityType,
    entity_id,
    channel,
    contact_id,
    user_id,
    source_type: sources.source_type,
    source_id: sources.source_id,
    campaign_id: sources.ids.campaign,
    workflow_id: sources.ids.workflow,
    sequence_id: sources.ids.sequence,
    template_id: sources.ids.template,
    metadata: collectMetadata(data, (field) => fields.isRead(field), numbers),
    occurred_at,
    step_number,
    enrollment_id,
  }
  return { row, names }
}

function readOccurredAt(timestamp: unknown, now: number): number | Rejection {
  const occurredAt = parseTimestamp(timestamp)
  if (occurredAt === undefined) return new Rejection('invalid_timestamp', timestampHint(timestamp, now))
  if (isTooFarInFuture(occurredAt, now)) return new Rejection('future_timestamp', timestampHint(timestamp, now))
  if (occurredAt < retentionStart(now)) return new Rejection('expired_timestamp', timestampHint(timestamp, now))
  return occurredAt
}

function readChannel(fields: FieldReader): Channel | '' | Rejection {
  const channel = fields.text('channel') ?? ''
  return isChannel(channel) && !fields.isUnusable('channel') ? channel : new Rejection('unknown_channel')
}

function isChannel(value: string): value is Channel | '' {
  return value === '' || (CHANNELS as readonly string[]).includes(value)
}

function readEntityId(fields: FieldReader, { entityIdFields }: EventDefinition): string | Rejection {
  for (const field of entityIdFields) {
    const id = fields.id(field)
    if (id !== null) return id
  }
  return new Rejection('missing_entity_id', `Expected data.${entityIdFields.join(' or data.')}.`)
}

/** A source without an id of its own in `data` is filled from the id of that kind, and the reverse. */
function readSources(fields: FieldReader): Sources {
  const sourceType = fields.text('sourceType')
  const sourceId = fields.id('sourceId')
  const ids = {
    campaign: fields.id('campaignId') ?? (sourceType === 'campaign' ? sourceId : null),
    workflow: fields.id('workflowId') ?? (sourceType === 'workflow' ? sourceId : null),
    sequence: fields.id('sequenceId') ?? (sourceType === 'sequence' ? sourceId : null),
    template: fields.id('templateId'),
  }
  const source_type = sourceType ?? SOURCE_ENTITIES.find((kind) => ids[kind] !== null) ?? ''
  const sourceEntity = SOURCE_ENTITIES.find((kind) => kind === source_type)
  return { source_type, source_id: sourceId ?? (sourceEntity ? ids[sourceEntity] : null), sourceEntity, ids }
}

/** One name per entity. A second, different name of an entity stays in `metadata`. */
function readNames(
  fields: FieldReader,
  { entityType }: EventDefinition,
  { ids, sourceEntity, source_id }: Sources,
  { tenant_id, occurred_at }: Pick<EventRow, 'tenant_id' | 'occurred_at'>,
): NameObservation[] {
  const names: NameObservation[] = []
  const read = (field: string, kind: NamedEntity | undefined, id: string | null) => {
    if (!kind || id === null) return
    const known = names.find((other) => other.kind === kind && other.id === id)
    if (known && known.name !== fields.peek(field)) return
    const name = fields.text(field)
    if (name !== null && !known) names.push({ tenant_id, kind, id, name, occurred_at })
  }
  read('campaignName', 'campaign', ids.campaign)
  read('workflowName', 'workflow', ids.workflow)
  read('sequenceName', 'sequence', ids.sequence)
  read('templateName', 'template', ids.template)
  const ownEntity = SOURCE_ENTITIES.find((kind) => kind === entityType)
  read('name', ownEntity, ownEntity ? ids[ownEntity] : null)
  read('sourceName', sourceEntity, source_id)
  return names
}

/** A workflow run that completed with the status `failed` is stored as a failed run, so that all counts of failed runs agree. */
function eventTypeOf({ eventType }: EventDefinition, status: unknown): string {
  return eventType === 'workflow_run_completed' && status === 'failed' ? 'workflow_run_failed' : eventType
}

function readEventId(eventId: unknown, numbers: ExactNumbers): string | undefined {
  if (typeof eventId === 'string') return eventId === '' ? undefined : eventId
  return typeof eventId === 'number' ? numbers.wholeNumberDigits(eventId, 'message', 'eventId') : undefined
}

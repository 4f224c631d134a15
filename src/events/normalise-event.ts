/**
 * An envelope comes in, a row and the names it mentions leave, or the reason why not. Pure; must never import a store or a broker.
 */
import { CHANNELS, type Channel, type EventDefinition } from './catalogue.ts'
import type { EventEnvelope, JsonObject } from './event-envelope.ts'
import { ExactNumbers, NestedTooDeeply } from './exact-numbers.ts'
import { deriveEventId, type StreamPosition } from './identity.ts'
import { collectMetadata } from './metadata.ts'
import { Rejection } from './rejection.ts'
import type { EventRow, NamedEntity, NameObservation } from './event-row.ts'
import { isTooFarInFuture, parseTimestamp, retentionStart } from './timestamp.ts'
import { timestampHint } from './timestamp-hint.ts'

/** What is known of a message beside its body. */
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

const SOURCE_ENTITIES = ['campaign', 'workflow', 'sequence'] as const
const MAX_STEP_NUMBER = 4_294_967_295

/**
 * The row of one event. A field of `data` that a column holds is taken when it has the column's type; anything else of `data` is kept in `metadata`. An id is a text, or a
 * whole number of any size, which becomes its decimal digits (1e3 and 1000.0 are `1000`). Half a surrogate pair is refused in an id and repaired in any other text.
 */
export function normaliseEvent(envelope: EventEnvelope, context: MessageContext): NormalisedEvent | Rejection {
  try {
    return toNormalisedEvent(envelope, context)
  } catch (error) {
    if (error instanceof NestedTooDeeply) return new Rejection('nested_too_deeply')
    throw error
  }
}

function toNormalisedEvent(envelope: EventEnvelope, context: MessageContext): NormalisedEvent | Rejection {
  const { tenantId: tenant_id, data } = envelope
  const { definition, now } = context

  const occurred_at = parseTimestamp(envelope.timestamp)
  if (occurred_at === undefined || isTooFarInFuture(occurred_at, now) || occurred_at < retentionStart(now))
    return rejectTimestamp(envelope.timestamp, occurred_at, now)

  const numbers = new ExactNumbers(envelope.text)
  const fields = new FieldReader(data, numbers)
  const channel = fields.text('channel') ?? ''
  if (!isChannel(channel) || fields.isUnusable('channel')) return new Rejection('unknown_channel')

  let entity_id: string | null = null
  for (const field of definition.entityIdFields) entity_id ??= fields.id(field)
  if (entity_id === null)
    return new Rejection('missing_entity_id', `Expected data.${definition.entityIdFields.join(' or data.')}.`)

  const sourceType = fields.text('sourceType')
  const sourceId = fields.id('sourceId')
  const ids: Record<NamedEntity, string | null> = {
    campaign: fields.id('campaignId') ?? (sourceType === 'campaign' ? sourceId : null),
    workflow: fields.id('workflowId') ?? (sourceType === 'workflow' ? sourceId : null),
    sequence: fields.id('sequenceId') ?? (sourceType === 'sequence' ? sourceId : null),
    template: fields.id('templateId'),
  }
  const source_type = sourceType ?? SOURCE_ENTITIES.find((source) => ids[source] !== null) ?? ''
  const sourceKind = SOURCE_ENTITIES.find((source) => source === source_type)
  const source_id = sourceId ?? (sourceKind ? ids[sourceKind] : null)

  const names: NameObservation[] = []
  const observeName = (field: string, named: NamedEntity | undefined, id: string | null) => {
    if (!named || id === null) return
    const observed = names.find((other) => other.kind === named && other.id === id)
    // A second, different name has no place here: it is left to metadata.
    if (observed && observed.name !== fields.peek(field)) return
    const name = fields.text(field)
    if (name === null || observed) return
    names.push({ tenant_id, kind: named, id, name, occurred_at })
  }
  observeName('campaignName', 'campaign', ids.campaign)
  observeName('workflowName', 'workflow', ids.workflow)
  observeName('sequenceName', 'sequence', ids.sequence)
  observeName('templateName', 'template', ids.template)
  const ownEntity = SOURCE_ENTITIES.find((source) => source === definition.entityType)
  observeName('name', ownEntity, ownEntity ? ids[ownEntity] : null)
  observeName('sourceName', sourceKind, source_id)

  const contact_id = fields.id('contactId')
  const user_id = fields.id('userId')
  const step_number = fields.stepNumber('stepNumber')
  const enrollment_id = fields.id('enrollmentId')
  const eventId = readProducerKey(envelope.eventId, numbers)
  if (!fields.areIdsWellFormed || eventId?.isWellFormed() === false) return new Rejection('invalid_text')

  const metadata = collectMetadata(data, (field) => fields.isConsumed(field), numbers)

  const row: EventRow = {
    id: deriveEventId(tenant_id, eventId ?? context.messageId, context.position),
    tenant_id,
    // A run that completed as failed is a failed run: told apart here, so that every count downstream agrees.
    event_type:
      definition.eventType === 'workflow_run_completed' && data['status'] === 'failed'
        ? 'workflow_run_failed'
        : definition.eventType,
    entity_type: definition.entityType,
    entity_id,
    channel,
    contact_id,
    user_id,
    source_type,
    source_id,
    campaign_id: ids.campaign,
    workflow_id: ids.workflow,
    sequence_id: ids.sequence,
    template_id: ids.template,
    metadata,
    occurred_at,
    step_number,
    enrollment_id,
  }
  return { row, names }
}

function isChannel(value: string): value is Channel | '' {
  return value === '' || (CHANNELS as readonly string[]).includes(value)
}

function rejectTimestamp(value: unknown, occurredAt: number | undefined, now: number): Rejection {
  const hint = timestampHint(value, now)
  if (occurredAt === undefined) return new Rejection('invalid_timestamp', hint)
  return new Rejection(occurredAt > now ? 'future_timestamp' : 'expired_timestamp', hint)
}

function readProducerKey(eventId: unknown, numbers: ExactNumbers): string | undefined {
  if (typeof eventId === 'string') return eventId === '' ? undefined : eventId
  return typeof eventId === 'number' ? numbers.wholeNumberDigits(eventId, 'message', 'eventId') : undefined
}

/** Reads typed fields of `data` and remembers which were taken, so that the rest can be kept. */
class FieldReader {
  readonly #data: JsonObject
  readonly #numbers: ExactNumbers
  /** A dozen short names at most: searching them costs less than hashing. */
  readonly #consumed: string[] = []
  /** False as soon as a taken id holds half a surrogate pair. */
  areIdsWellFormed = true

  constructor(data: JsonObject, numbers: ExactNumbers) {
    this.#data = data
    this.#numbers = numbers
  }

  /** A non-empty text, well-formed; null when absent or of another type. */
  text(field: string): string | null {
    const text = this.#consumeText(field)
    return text === null ? null : text.toWellFormed()
  }

  /** As `text`, without taking it. */
  peek(field: string): string | null {
    const value = this.#ownValue(field)
    return typeof value === 'string' && value !== '' ? value.toWellFormed() : null
  }

  /** A text, or the digits of a whole number. */
  id(field: string): string | null {
    const value = this.#ownValue(field)
    if (typeof value !== 'number') {
      const text = this.#consumeText(field)
      if (text?.isWellFormed() === false) this.areIdsWellFormed = false
      return text
    }
    const digits = this.#numbers.wholeNumberDigits(value, 'data', field)
    if (digits === undefined) return null
    this.#consumed.push(field)
    return digits
  }

  /** An integer from 1 that fits the column. */
  stepNumber(field: string): number | null {
    const value = this.#ownValue(field)
    if (value === null) this.#consumed.push(field)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_STEP_NUMBER) return null
    this.#consumed.push(field)
    return value
  }

  isConsumed(field: string): boolean {
    return this.#consumed.includes(field)
  }

  /** Whether `field` is there but could not be taken. */
  isUnusable(field: string): boolean {
    return this.#ownValue(field) !== undefined && !this.#consumed.includes(field)
  }

  /** A non-empty text as it is; an empty one and null are taken too, as nothing. */
  #consumeText(field: string): string | null {
    const value = this.#ownValue(field)
    if (typeof value !== 'string' && value !== null) return null
    this.#consumed.push(field)
    return value === '' ? null : value
  }

  #ownValue(field: string): unknown {
    return Object.hasOwn(this.#data, field) ? this.#data[field] : undefined
  }
}

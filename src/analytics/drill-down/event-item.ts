/** Events as responses show them. */
import { type Static, type TOptional, Type } from '@sinclair/typebox'
import { count, instant, object, text } from '../schemas.ts'
import type { EventClasses } from './event-classes.ts'
import type { FoundEvent } from './event-search.ts'

const nullableText = (description: string) => Type.Union([Type.String({ description }), Type.Null()])

const PROPERTIES = {
  id: text('Id of the event'),
  eventType: text('Type of the event, such as message_opened'),
  entityType: text('Kind of what the event is about: message, campaign, workflow, sequence or contact'),
  entityId: text('Id of the message, campaign, run, enrollment or contact'),
  channel: nullableText('Channel of a message'),
  contactId: nullableText('Id of the contact'),
  userId: nullableText('Id of the user'),
  sourceType: nullableText('Kind of what caused the event'),
  sourceId: nullableText('Id of what caused the event'),
  campaignId: nullableText('Id of the campaign'),
  workflowId: nullableText('Id of the workflow'),
  sequenceId: nullableText('Id of the sequence'),
  templateId: nullableText('Id of the template'),
  stepNumber: count('Step of a sequence, from 1'),
  actorClass: text('Who acted, for an open or a click: human, privacy, prefetch, scanner, bot or unknown'),
  actorReason: text('The rule that decided the class'),
  bounceClass: text('Class of a bounce: hard, soft, block, admin or undetermined'),
  occurredAt: instant('When it happened'),
  ingestedAt: instant('When it was stored'),
  metadata: Type.Record(Type.String(), Type.Any(), {
    description: "The producer's metadata, with every field of `data` that has no field of its own here",
  }),
}

export const EVENT_FIELDS = Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[]
export type EventField = keyof typeof PROPERTIES

/** Each field is optional: some depend on the type of the event, and a request may select fields. */
export const eventSchema = object(
  Object.fromEntries(Object.entries(PROPERTIES).map(([name, schema]) => [name, Type.Optional(schema)])) as {
    [Name in EventField]: TOptional<(typeof PROPERTIES)[Name]>
  },
  'One event.',
  'EventItem',
)
export type EventItem = Static<typeof eventSchema>

export function toEventItem(row: FoundEvent, classes: EventClasses): EventItem {
  const { actorClass, actorReason } = classes.get(row.event_id) ?? {}
  return {
    id: row.event_id,
    eventType: row.event_type,
    entityType: row.entity_type,
    entityId: row.entity_id,
    channel: row.channel || null,
    contactId: row.contact_id,
    userId: row.user_id,
    sourceType: row.source_type || null,
    sourceId: row.source_id,
    campaignId: row.campaign_id,
    workflowId: row.workflow_id,
    sequenceId: row.sequence_id,
    templateId: row.template_id,
    ...(row.step_number === null ? {} : { stepNumber: row.step_number }),
    ...(actorClass === undefined ? {} : { actorClass }),
    ...(actorReason === undefined ? {} : { actorReason }),
    ...(row.bounce_class === null ? {} : { bounceClass: row.bounce_class }),
    occurredAt: new Date(row.occurred_ms).toISOString(),
    ingestedAt: new Date(row.ingested_ms).toISOString(),
    metadata: JSON.parse(row.metadata) as EventItem['metadata'] & object,
  }
}

/** The item with these fields only; all of them without a selection. */
export function selectFields(item: EventItem, fields: readonly EventField[] | undefined): EventItem {
  if (fields === undefined) return item
  return Object.fromEntries(fields.flatMap((name) => (name in item ? [[name, item[name]]] : []))) as EventItem
}

/** Messages as responses show them: where they came from, and what became of them. */
import { type Static, Type } from '@sinclair/typebox'
import type { NamedEntity } from '../../../events/event-row.ts'
import { findEntityNames } from '../../query/entity-names.ts'
import type { QueryPort } from '../../query/tenant-query.ts'
import { count, instant, object, text } from '../../schemas.ts'
import type { MessageOutcome } from './message-history.ts'

const nullableText = (description: string) => Type.Union([text(description), Type.Null()])
const nullableInstant = (description: string) => Type.Union([instant(description), Type.Null()])
const nameOf = (entity: string) => nullableText(`Latest known name of the ${entity}, or its id if no name is known`)

export const messageSchema = object(
  {
    messageId: text('Id of the message'),
    channel: nullableText('Channel of the message'),
    contactId: nullableText('Id of the contact'),
    sourceType: nullableText('Kind of what the message was sent for'),
    sourceId: nullableText('Id of what the message was sent for'),
    campaignId: nullableText('Id of the campaign'),
    campaignName: nameOf('campaign'),
    workflowId: nullableText('Id of the workflow'),
    workflowName: nameOf('workflow'),
    sequenceId: nullableText('Id of the sequence'),
    sequenceName: nameOf('sequence'),
    templateId: nullableText('Id of the template'),
    templateName: nameOf('template'),
    recipientDomain: nullableText('Domain of the recipient'),
    sentAt: nullableInstant('First sending'),
    deliveredAt: nullableInstant('First delivery'),
    firstOpenedAt: nullableInstant('First open'),
    firstHumanOpenedAt: nullableInstant("First open that is not a machine's"),
    firstClickedAt: nullableInstant('First click'),
    firstHumanClickedAt: nullableInstant("First click that is not a machine's"),
    bouncedAt: nullableInstant('Last bounce'),
    bounceClass: nullableText('Class of the last bounce'),
    complainedAt: nullableInstant('First complaint'),
    unsubscribedAt: nullableInstant('First unsubscription'),
    opens: count('Opens'),
    clicks: count('Clicks'),
  },
  'One message: the dimensions of its first sending, and what became of it. Null where there is no such value or event.',
  'MessageItem',
)
export type MessageItem = Static<typeof messageSchema>

/** The dimensions of the first sending, as a row of the store has them. */
export interface SentColumns {
  readonly channel: string
  readonly contact_id: string | null
  readonly source_type: string
  readonly source_id: string | null
  readonly campaign_id: string | null
  readonly workflow_id: string | null
  readonly sequence_id: string | null
  readonly template_id: string | null
  readonly recipient_domain: string | null
}

/** A message with what is known about it. */
export interface KnownMessage {
  readonly messageId: string
  /** Undefined where no event says it. */
  readonly sent: SentColumns | undefined
  readonly outcome: MessageOutcome
}

const NAMED = {
  campaign: 'campaign_id',
  workflow: 'workflow_id',
  sequence: 'sequence_id',
  template: 'template_id',
} as const satisfies Readonly<Record<NamedEntity, keyof SentColumns>>

/** The messages with the names of what they belong to. Rejects with a StoreFailure. */
export async function toMessageItems(
  port: QueryPort,
  tenantId: string,
  messages: readonly KnownMessage[],
): Promise<MessageItem[]> {
  const nameOfKind = async (kind: NamedEntity) => {
    const ids = new Set(messages.flatMap(({ sent }) => sent?.[NAMED[kind]] ?? []))
    const find = ids.size === 0 ? (id: string) => id : await findEntityNames(port, tenantId, kind, [...ids])
    return (id: string | null) => (id === null ? null : find(id))
  }
  const [campaign, workflow, sequence, template] = await Promise.all([
    nameOfKind('campaign'),
    nameOfKind('workflow'),
    nameOfKind('sequence'),
    nameOfKind('template'),
  ])
  return messages.map(({ messageId, sent, outcome }) => ({
    messageId,
    channel: sent?.channel || null,
    contactId: sent?.contact_id ?? null,
    sourceType: sent?.source_type || null,
    sourceId: sent?.source_id ?? null,
    campaignId: sent?.campaign_id ?? null,
    campaignName: campaign(sent?.campaign_id ?? null),
    workflowId: sent?.workflow_id ?? null,
    workflowName: workflow(sent?.workflow_id ?? null),
    sequenceId: sent?.sequence_id ?? null,
    sequenceName: sequence(sent?.sequence_id ?? null),
    templateId: sent?.template_id ?? null,
    templateName: template(sent?.template_id ?? null),
    recipientDomain: sent?.recipient_domain ?? null,
    sentAt: instantOf(outcome.sentAt),
    deliveredAt: instantOf(outcome.deliveredAt),
    firstOpenedAt: instantOf(outcome.firstOpenedAt),
    firstHumanOpenedAt: instantOf(outcome.firstHumanOpenedAt),
    firstClickedAt: instantOf(outcome.firstClickedAt),
    firstHumanClickedAt: instantOf(outcome.firstHumanClickedAt),
    bouncedAt: instantOf(outcome.bouncedAt),
    bounceClass: outcome.bounceClass,
    complainedAt: instantOf(outcome.complainedAt),
    unsubscribedAt: instantOf(outcome.unsubscribedAt),
    opens: outcome.opens,
    clicks: outcome.clicks,
  }))
}

function instantOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

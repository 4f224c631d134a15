/** The schemas of an event's fields, in JSON Schema draft 7, and example data. They describe what the normaliser reads. */
import { DATE_TIME_FORMATS } from '../base/date-time.ts'
import { TENANT_ID } from '../base/tenant-id.ts'
import { CHANNELS } from '../base/channels.ts'
import type { CatalogueEntry, EntityType } from './catalogue.ts'

export interface Schema {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly examples?: readonly unknown[]
}

const optionalId = (description: string): Schema => ({ type: ['string', 'integer', 'null'], description })
const optionalText = (description: string): Schema => ({ type: ['string', 'null'], description })

export const EVENT_SCHEMAS = {
  EventId: {
    type: ['string', 'integer', 'null'],
    description: 'Identifies the event within its tenant: any text, usually a UUID, or a whole number of any size.',
  },
  TenantId: { type: 'string', pattern: TENANT_ID.source, description: 'The tenant that the event belongs to.' },
  Timestamp: {
    description: 'When the event happened: not more than 24 hours in the future, and not older than 2 years.',
    oneOf: [
      { type: 'integer', description: 'Epoch milliseconds.' },
      {
        type: 'string',
        description: `A date-time with its offset: ${DATE_TIME_FORMATS}.`,
        pattern: '^\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d(:\\d\\d([.,]\\d+)?)?([Zz]|[+-]\\d\\d(:?\\d\\d)?)$',
      },
    ],
    examples: ['2026-01-27T10:15:30.123Z', '2026-01-27T11:15:30+01:00', 1_769_508_930_123],
  },
  EntityId: {
    description: 'A text that is not empty, or a whole number of any size, which is stored as its decimal digits.',
    oneOf: [{ type: 'string', minLength: 1 }, { type: 'integer' }],
  },
  EventData: {
    type: 'object',
    description:
      'The fields of an event. Fields that are absent, null or an empty text count as absent. Every other field is kept in the metadata of the stored event.',
    properties: {
      messageId: optionalId('The message.'),
      channel: { enum: [...CHANNELS, '', null], description: 'The channel of the message.' },
      contactId: optionalId('The contact.'),
      userId: optionalId('The user who caused the event.'),
      sourceType: optionalText('What the message was sent by: `campaign`, `workflow`, `sequence`, or any other text.'),
      sourceId: optionalId('The campaign, workflow or sequence that `sourceType` names.'),
      sourceName: optionalText('Its name.'),
      campaignId: optionalId('The campaign; `sourceId` by default when `sourceType` is `campaign`.'),
      campaignName: optionalText('Its name.'),
      workflowId: optionalId('The workflow; `sourceId` by default when `sourceType` is `workflow`.'),
      workflowName: optionalText('Its name.'),
      runId: optionalId('The run of the workflow.'),
      status: optionalText('On `workflow.run.completed`, `failed` makes it a failed run.'),
      sequenceId: optionalId('The sequence; `sourceId` by default when `sourceType` is `sequence`.'),
      sequenceName: optionalText('Its name.'),
      enrollmentId: optionalId('The enrollment of a contact in the sequence.'),
      stepNumber: {
        type: ['integer', 'null'],
        minimum: 1,
        description: 'The step of the sequence, from 1, also on replies.',
      },
      templateId: optionalId('The template of the message.'),
      templateName: optionalText('Its name.'),
      name: optionalText('The name of the campaign, workflow or sequence that the event is about.'),
      metadata: { description: 'Anything; kept as JSON.' },
    },
  },
} as const satisfies Readonly<Record<string, Schema>>

const EXAMPLE_DATA: Readonly<Record<EntityType, Readonly<Record<string, unknown>>>> = {
  message: {
    messageId: 'm-1',
    channel: 'email',
    contactId: 'c-1',
    sourceType: 'campaign',
    sourceId: 'cmp-1',
    sourceName: 'Black Friday Sale',
    templateId: 'tpl-1',
    templateName: 'Welcome Email',
    metadata: { subject: 'Everything at half price' },
  },
  campaign: { campaignId: 'cmp-1', name: 'Black Friday Sale' },
  workflow: { runId: 'run-1', workflowId: 'wf-1', name: 'Onboarding', contactId: 'c-1' },
  sequence: { enrollmentId: 'enr-1', sequenceId: 'seq-1', name: 'Follow-up', stepNumber: 1, contactId: 'c-1' },
  contact: { contactId: 'c-1', metadata: { country: 'DE' } },
}

/** The `data` of an event that the normaliser accepts. */
export function exampleData({ entityType }: CatalogueEntry): Readonly<Record<string, unknown>> {
  return EXAMPLE_DATA[entityType]
}

/** The bodies and parameters of drill-down requests. */
import { type Static, Type } from '@sinclair/typebox'
import { SEARCH_FILTER_LIMITS } from '../../analytics/filter/filter-tree.ts'
import { EVENT_FIELDS } from '../../analytics/drill-down/event-item.ts'
import { CLASSIFIED_EVENT_TYPES } from '../../analytics/drill-down/messages/search-messages.ts'
import { MESSAGE_CONDITIONS } from '../../analytics/engagement/message-conditions.ts'
import { rangeParameters } from '../../analytics/parameters.ts'
import { choice, object } from '../../analytics/schemas.ts'
import { CSV_STYLE_PARAMETERS, FORMAT_PARAMETER } from '../export/export-parameters.ts'

const MAX_PAGE = 1_000
export const DEFAULT_PAGE = 100

const limit = () =>
  Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: 'How many items a page holds.' }),
  )
const cursorText = () => Type.String({ maxLength: 4_000 })
const cursor = () =>
  Type.Optional(
    Type.Union([cursorText(), Type.Null()], {
      description: 'The `cursor` of a response to the same search: the page behind it. Null for the first page.',
    }),
  )
const filter = () =>
  Type.Optional(
    Type.Any({
      description: `Conditions on dimensions: \`{"dimension", "operator", "values"}\` with the operators in, notIn and exists (without values), combined by \`{"and": […]}\`, \`{"or": […]}\` and \`{"not": …}\`. At most ${SEARCH_FILTER_LIMITS.depth} levels, ${SEARCH_FILTER_LIMITS.leaves} conditions and ${SEARCH_FILTER_LIMITS.values} values each.`,
    }),
  )
const id = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))

export const EventSearchBody = object(
  {
    filter: filter(),
    eventTypes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        minItems: 1,
        maxItems: 100,
        description: 'Only events of these types.',
      }),
    ),
    messageId: id('Only events of this message.'),
    contactId: id('Only events of this contact.'),
    ...rangeParameters('30d'),
    order: Type.Optional(choice(['desc', 'asc'], 'By time: the newest or the oldest first, ties by id.', 'desc')),
    limit: limit(),
    cursor: cursor(),
    fields: Type.Optional(
      Type.Array(choice(EVENT_FIELDS, 'A field of an event.'), {
        minItems: 1,
        maxItems: EVENT_FIELDS.length,
        description: 'Only these fields of each event.',
      }),
    ),
  },
  'A search of events.',
  'EventSearch',
)
export type EventSearchBody = Static<typeof EventSearchBody>

const status = (description: string) =>
  Type.Optional(
    Type.Array(choice(MESSAGE_CONDITIONS, 'A condition on the events of a message.'), {
      maxItems: MESSAGE_CONDITIONS.length,
      description,
    }),
  )

export const MessageSearchBody = object(
  {
    filter: filter(),
    eventTypes: Type.Optional(
      Type.Array(choice(CLASSIFIED_EVENT_TYPES, 'Opens or clicks.'), {
        minItems: 1,
        maxItems: CLASSIFIED_EVENT_TYPES.length,
        description:
          'Where the filter asks for `actorClass` or `link`: the types of the events of which one has to meet the filter. Both by default.',
      }),
    ),
    messageIds: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { maxItems: MAX_PAGE, description: 'Only these messages.' }),
    ),
    status: status('Only messages that are all of these.'),
    not: status('Only messages that are none of these.'),
    ...rangeParameters('30d'),
    limit: limit(),
    cursor: cursor(),
  },
  'A search of messages. The range is that of the first sending.',
  'MessageSearch',
)
export type MessageSearchBody = Static<typeof MessageSearchBody>

export const MessageSearchParameters = object(
  {
    format: FORMAT_PARAMETER,
    ...CSV_STYLE_PARAMETERS,
  },
  'The format of the response.',
)
export type MessageSearchParameters = Static<typeof MessageSearchParameters>

export const MessagePath = object(
  { messageId: Type.String({ minLength: 1, description: 'The id of the message.', examples: ['m-1'] }) },
  'The path of a message.',
)
export const ContactPath = object(
  { contactId: Type.String({ minLength: 1, description: 'The id of the contact.', examples: ['c-1'] }) },
  'The path of a contact.',
)

export const NoParameters = object({}, 'No parameters.')

export const ContactParameters = object(
  {
    ...rangeParameters('90d'),
    limit: limit(),
    cursor: Type.Optional(
      Type.String({
        maxLength: 4_000,
        description: 'The `cursor` of a response to the same request: the page behind it. Empty for the first page.',
        examples: [''],
      }),
    ),
  },
  'The range of the events of a contact.',
)
export type ContactParameters = Static<typeof ContactParameters>

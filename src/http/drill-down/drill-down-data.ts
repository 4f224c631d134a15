/** The data of drill-down responses. */
import { Type } from '@sinclair/typebox'
import { contactGroupSchema } from '../../analytics/drill-down/contact-groups.ts'
import { eventSchema } from '../../analytics/drill-down/event-item.ts'
import { messageSchema } from '../../analytics/drill-down/messages/message-item.ts'
import { count, object, text } from '../../analytics/schemas.ts'

const cursor = Type.Union([text('The `cursor` of the next page'), Type.Null()])
const newer = count('The events of the search that were stored after the first page was requested; no page has them')

export const EventSearchData = object(
  {
    events: Type.Array(eventSchema, { description: 'In the order of (occurredAt, id).' }),
    cursor,
    newer,
  },
  'A page of events.',
  'EventSearchPage',
)

export const MessageSearchData = object(
  { messages: Type.Array(messageSchema, { description: 'The newest sending first, ties by id.' }), cursor },
  'A page of messages.',
  'MessageSearchPage',
)

export const MessageData = object(
  { message: messageSchema, events: Type.Array(eventSchema, { description: 'In the order of (occurredAt, id).' }) },
  'A message with all of its events.',
  'MessageTimeline',
)

export const ContactData = object(
  {
    contactId: text('Id of the contact'),
    groups: Type.Array(contactGroupSchema, {
      description:
        'The events of the page by what they are about, in the order of the newest event of each. What has events on several pages is a group of each of them.',
    }),
    cursor,
    newer,
  },
  'A page of the events of a contact.',
  'ContactTimeline',
)

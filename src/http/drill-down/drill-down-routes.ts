/** The routes to single events, messages and contacts. */
import type { TObject } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { responsesOf, responsesToBody } from '../dashboards/dashboard-responses.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import { ContactData, EventSearchData, MessageData, MessageSearchData } from './drill-down-data.ts'
import type { DrillDownServices } from './drill-down-services.ts'
import {
  ContactParameters,
  ContactPath,
  EventSearchBody,
  MessagePath,
  MessageSearchBody,
  MessageSearchParameters,
  NoParameters,
} from './search-requests.ts'
import { serveContact, serveEventsSearch, serveMessage } from './serve-events.ts'
import { serveMessagesSearch } from './serve-messages.ts'

const TAGS = ['Drill-down']

const readResponses = <Data extends TObject>(data: Data) => ({ ...responsesOf(data), 404: ErrorResponse })

/** The responses are made as bytes: their types are those of the schemas. */
export const drillDownRoutes = (services: DrillDownServices) =>
  new Elysia()
    .post(ROUTES.eventsSearch.path, (context) => serveEventsSearch(context, services) as never, {
      parse: 'none',
      body: EventSearchBody,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(EventSearchBody, ROUTES.eventsSearch.access)],
      response: responsesToBody(EventSearchData),
      detail: {
        operationId: 'eventsSearch',
        tags: TAGS,
        summary: 'Search of events',
        description:
          'Single events, paged. The pages of a search hold each event that was stored before the first page was requested exactly once, in the order of (occurredAt, id).',
      },
    })
    .post(ROUTES.messagesSearch.path, (context) => serveMessagesSearch(context, services) as never, {
      parse: 'none',
      body: MessageSearchBody,
      query: MessageSearchParameters,
      transform: [strictQuery(MessageSearchParameters), strictBody(MessageSearchBody, ROUTES.messagesSearch.access)],
      response: responsesToBody(MessageSearchData),
      detail: {
        operationId: 'messagesSearch',
        tags: TAGS,
        summary: 'Search of messages',
        description:
          'Single messages with what became of them, the newest sending first, paged. As a file it holds all of them, up to 100,000; files need `analytics:export` too.',
      },
    })
    .get(ROUTES.message.path, (context) => serveMessage(context, services) as never, {
      params: MessagePath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readResponses(MessageData),
      detail: {
        operationId: 'message',
        tags: TAGS,
        summary: 'One message',
        description: 'What became of a message, and all of its events with their classes and the reasons.',
      },
    })
    .get(ROUTES.contact.path, (context) => serveContact(context, services) as never, {
      params: ContactPath,
      query: ContactParameters,
      transform: strictQuery(ContactParameters),
      response: readResponses(ContactData),
      detail: {
        operationId: 'contact',
        tags: TAGS,
        summary: 'One contact',
        description: 'The events of a contact by message, run and enrollment, the newest first, paged.',
      },
    })

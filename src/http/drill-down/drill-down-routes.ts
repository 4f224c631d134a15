/** The routes to single events, messages and contacts. */
import type { TObject, TSchema } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { responsesOf } from '../dashboards/dashboard-responses.ts'
import type { StaticResponses } from '../dashboards/dashboard-routes.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import { ContactData, EventSearchData, MessageData, MessageSearchData } from './drill-down-data.ts'
import type { DrillDownServices } from './drill-down-services.ts'
import { EVENT_SEARCH_EXAMPLE, MESSAGE_SEARCH_EXAMPLE } from './drill-down-examples.ts'
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

const searchResponses = <Data extends TObject>(data: Data) => ({
  ...responsesOf(data),
  413: ErrorResponse,
  415: ErrorResponse,
})
const readResponses = <Data extends TObject>(data: Data) => ({ ...responsesOf(data), 404: ErrorResponse })

const jsonBody = (schema: TSchema, example: object) => ({
  content: { 'application/json': { schema: schema as object, example } },
})

export function drillDownRoutes(services: DrillDownServices): DrillDownRoutes {
  const routes = new Elysia()
    .post(ROUTES.eventsSearch.path, (context) => serveEventsSearch(context, services), {
      // Bodies are read strictly.
      parse: 'none',
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: searchResponses(EventSearchData),
      detail: {
        operationId: 'eventsSearch',
        tags: TAGS,
        summary: 'Search of events',
        description:
          'Single events, paged. The pages of a search hold each event that was stored before the first page was requested exactly once, in the order of (occurredAt, id).',
        requestBody: jsonBody(EventSearchBody, EVENT_SEARCH_EXAMPLE),
      },
    })
    .post(ROUTES.messagesSearch.path, (context) => serveMessagesSearch(context, services), {
      parse: 'none',
      query: MessageSearchParameters,
      transform: strictQuery(MessageSearchParameters),
      response: searchResponses(MessageSearchData),
      detail: {
        operationId: 'messagesSearch',
        tags: TAGS,
        summary: 'Search of messages',
        description:
          'Single messages with what became of them, the newest sending first, paged. As a file it holds all of them, up to 100,000; files need `analytics:export` too.',
        requestBody: jsonBody(MessageSearchBody, MESSAGE_SEARCH_EXAMPLE),
      },
    })
    .get(ROUTES.message.path, (context) => serveMessage(context, services), {
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
    .get(ROUTES.contact.path, (context) => serveContact(context, services), {
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
  return routes as unknown as DrillDownRoutes
}

/** The routes with their bodies, which the framework does not read. Typed clients read them. */
type DrillDownRoutes =
  Elysia<''> extends Elysia<infer Prefix, infer Singleton, infer Definitions, infer Metadata>
    ? Elysia<Prefix, Singleton, Definitions, Metadata, { api: { v1: { analytics: DrillDownEndpoints } } }>
    : never

interface Endpoint<Body, Params, Query, Responses> {
  body: Body
  params: Params
  query: Query
  headers: unknown
  response: StaticResponses<Responses>
}

interface DrillDownEndpoints {
  events: {
    search: {
      post: Endpoint<EventSearchBody, object, object, ReturnType<typeof searchResponses<typeof EventSearchData>>>
    }
  }
  messages: {
    search: {
      post: Endpoint<
        MessageSearchBody,
        object,
        MessageSearchParameters,
        ReturnType<typeof searchResponses<typeof MessageSearchData>>
      >
    }
    ':messageId': {
      get: Endpoint<unknown, { messageId: string }, object, ReturnType<typeof readResponses<typeof MessageData>>>
    }
  }
  contacts: {
    ':contactId': {
      get: Endpoint<
        unknown,
        { contactId: string },
        ContactParameters,
        ReturnType<typeof readResponses<typeof ContactData>>
      >
    }
  }
}

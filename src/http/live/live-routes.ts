/**
 * The live stream: a snapshot of the event counts, then the changes, as server-sent events or as the frames of a WebSocket. For a WebSocket the response here is a
 * stream of lines; the adapter of the runtime sends each line as one frame.
 */
import { type Static, type TObject, Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { liveFilterParameters } from '../../analytics/live-event-counts.ts'
import { rangeParameters } from '../../analytics/parameters.ts'
import { instant, object, text } from '../../analytics/schemas.ts'
import { requireTimeZone, resolveTimeRange } from '../../analytics/time/time-range.ts'
import type { Clock } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import type { LiveClient } from '../../live/live-client.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import { LIVE_PRESET } from '../../live/live-topic.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { responsesOf } from '../dashboards/dashboard-responses.ts'
import { requireScope } from '../auth/authenticator.ts'
import { CREDENTIAL_VARY } from '../auth/credential-headers.ts'
import { eventStream, jsonStream } from './stream-encoding.ts'
import type { LiveTickets } from './live-tickets.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'

const streamParameters = () => ({ ...rangeParameters(LIVE_PRESET), ...liveFilterParameters() })
const lastEventIdParameter = () =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'The id of the last message received, for clients that cannot send the header `Last-Event-ID`.',
      examples: ['3f8a2c1e-5b7d.41'],
    }),
  )

export const LiveParameters = object(
  {
    ...streamParameters(),
    ticket: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          'A ticket from `POST /api/v1/analytics/live/ticket`, for clients that cannot send headers. It replaces the token or API key: send no other credential with it. An empty ticket counts as none.',
        examples: [''],
      }),
    ),
    lastEventId: lastEventIdParameter(),
  },
  'The parameters of the live stream.',
)
type LiveParameters = Static<typeof LiveParameters>

/** The parameters where there are no tickets. */
const EdgeLiveParameters = object(
  { ...streamParameters(), lastEventId: lastEventIdParameter() },
  'The parameters of the live stream.',
)

const NoParameters = object({}, 'No parameters.')

export const LiveTicket = object(
  {
    ticket: text('The ticket, to be sent once as the parameter `ticket` of a live stream'),
    expiresAt: instant('When the ticket expires'),
  },
  'A ticket for one live stream.',
  'LiveTicket',
)

export type LiveSource = Pick<LiveHub, 'join'>

export interface LiveDependencies {
  readonly live: LiveSource
  readonly tickets: LiveTickets
  readonly clock: Clock
  readonly report: ReportUnexpectedError
}

interface LiveRouteContext {
  readonly request: Request
  readonly query: Omit<LiveParameters, 'ticket'>
  readonly set: { readonly headers: Record<string, unknown> }
}

/** The responses of failures, which are the same for every route. */
const { 200: _, ...ERROR_RESPONSES } = responsesOf(LiveTicket)

const streamRouteOptions = <Parameters extends TObject>(parameters: Parameters) => ({
  query: parameters,
  transform: strictQuery(parameters),
  response: { 200: Type.String({ description: 'The stream. It does not end by itself.' }), ...ERROR_RESPONSES },
  detail: {
    operationId: 'live',
    tags: ['Live'],
    summary: 'Live event counts as server-sent events',
    description:
      'Sends a `snapshot` of the event counts of the range by type and channel, then a `delta` whenever events were stored, at most four per second. Sends `resync` and a new snapshot when the stream has to start over. `Last-Event-ID` resumes after the given message.',
  },
})

/** The stream alone, for edge runtimes: they have no WebSockets, and the process that gets a ticket may not be the one that issued it. */
export const liveStreamRoute = (dependencies: LiveDependencies) =>
  new Elysia().get(
    ROUTES.live.path,
    (context) => serveStream(context, dependencies, EVENT_STREAM),
    streamRouteOptions(EdgeLiveParameters),
  )

export const liveRoutes = (dependencies: LiveDependencies) =>
  new Elysia()
    .get(
      ROUTES.live.path,
      (context) => serveStream(context, dependencies, EVENT_STREAM),
      streamRouteOptions(LiveParameters),
    )
    .get(ROUTES.liveSocket.path, (context) => serveStream(context, dependencies, WEB_SOCKET), {
      query: LiveParameters,
      transform: strictQuery(LiveParameters),
      response: ERROR_RESPONSES,
      detail: {
        operationId: 'liveSocket',
        tags: ['Live'],
        summary: 'Live event counts over a WebSocket',
        description: 'The same stream over a WebSocket: each message is a text frame `{"id", "event", "data"}`.',
      },
    })
    .post(
      ROUTES.liveTicket.path,
      ({ request }) => {
        const { principal, correlationId } = authenticatedContextOf(request)
        requireScope(principal, ROUTES.liveTicket.access)
        const { ticket, expiresAt } = dependencies.tickets.issue(request.headers, principal)
        return {
          success: true as const,
          data: { ticket, expiresAt: new Date(expiresAt).toISOString() },
          meta: { correlationId, asOf: new Date(dependencies.clock.now()).toISOString(), timezone: 'UTC' },
        }
      },
      {
        query: NoParameters,
        transform: strictQuery(NoParameters),
        response: responsesOf(LiveTicket),
        detail: {
          operationId: 'liveTicket',
          tags: ['Live'],
          summary: 'A ticket for one live stream',
          description:
            'For browsers, where neither `EventSource` nor `WebSocket` can send a token. A ticket opens one stream within 30 seconds. The stream is for the same tenant as the token or API key of this request, and lasts as long as that is valid.',
        },
      },
    )

/** Proxies must not cache, transform or buffer a stream. */
const STREAM_HEADERS = {
  'cache-control': 'private, no-store, no-transform',
  'x-accel-buffering': 'no',
  vary: CREDENTIAL_VARY,
}

/** How a stream is sent. */
interface StreamTransport {
  readonly createStream: (client: LiveClient, report: ReportUnexpectedError) => ReadableStream<Uint8Array>
  readonly contentType: string
  readonly isWebSocket: boolean
}

const EVENT_STREAM: StreamTransport = {
  createStream: eventStream,
  contentType: 'text/event-stream; charset=utf-8',
  isWebSocket: false,
}
const WEB_SOCKET: StreamTransport = { createStream: jsonStream, contentType: 'application/x-ndjson', isWebSocket: true }

async function serveStream(
  { request, query, set }: LiveRouteContext,
  { live, tickets, clock, report }: LiveDependencies,
  { createStream, contentType, isWebSocket }: StreamTransport,
): Promise<Response> {
  const { principal, liveAuthorization } = authenticatedContextOf(request)
  requireScope(principal, ROUTES.live.access)
  const { lastEventId, channel, campaignId, workflowId, sequenceId, templateId } = query
  const { timeRange, startDate, endDate, timezone } = query
  const rangeRequest = { timeRange, startDate, endDate }
  const zone = requireTimeZone(timezone)
  // An invalid range is refused here, with the name of its parameter.
  resolveTimeRange(rangeRequest, LIVE_PRESET, zone, clock.now())
  if (isWebSocket && request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    throw new ApiFailure('VALIDATION_ERROR', 'This address accepts WebSocket connections only.')
  if (request.method === 'HEAD') return new Response(null, { headers: { 'content-type': contentType } })
  const client = await live.join(
    {
      tenantId: principal.tenantId,
      rangeRequest,
      zone,
      filters: { channel, campaignId, workflowId, sequenceId, templateId },
    },
    {
      expiresAt: principal.expiresAt,
      isStillAuthorized: (liveAuthorization ?? tickets.authorizationOf(request.headers, principal)).isStillAuthorized,
      lastEventId: lastEventId ?? (request.headers.get('last-event-id') || undefined),
    },
  )
  if (request.signal.aborted) client.close()
  Object.assign(set.headers, STREAM_HEADERS)
  return new Response(createStream(client, report), { headers: { 'content-type': contentType } })
}

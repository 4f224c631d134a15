/**
 * The live stream: a snapshot, then what is added to it, as server-sent events or as the frames of a WebSocket, which the runtime's adapter makes of the lines given
 * here.
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
import { READ_SCOPE, requireScope } from '../auth/authenticator.ts'
import { CREDENTIAL_VARY } from '../auth/credential-headers.ts'
import { eventStream, jsonStream } from './stream-encoding.ts'
import type { LiveTickets } from './live-tickets.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { contextOf } from '../pipeline/request-context.ts'

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
  'What the live stream can be asked.',
)
type LiveParameters = Static<typeof LiveParameters>

/** Where there are no tickets. */
const EdgeLiveParameters = object(
  { ...streamParameters(), lastEventId: lastEventIdParameter() },
  'What the live stream can be asked.',
)

const NoParameters = object({}, 'There is nothing to be asked.')

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

/** Everything of the answers but what is streamed: refusals are the same as everywhere. */
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

/** The stream alone: for where a request cannot be answered by a WebSocket, and where who asks for a ticket and who brings it may meet different processes. */
export const liveStreamRoute = (dependencies: LiveDependencies) =>
  new Elysia({ prefix: '/api/v1/analytics' }).get(
    '/live',
    (context) => serveStream(context, dependencies, EVENT_STREAM),
    streamRouteOptions(EdgeLiveParameters),
  )

export const liveRoutes = (dependencies: LiveDependencies) =>
  new Elysia({ prefix: '/api/v1/analytics' })
    .get('/live', (context) => serveStream(context, dependencies, EVENT_STREAM), streamRouteOptions(LiveParameters))
    .get('/live/ws', (context) => serveStream(context, dependencies, WEB_SOCKET), {
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
      '/live/ticket',
      ({ request }) => {
        const { principal, correlationId } = contextOf(request)
        if (!principal) throw new Error('A ticket was routed without a principal.')
        requireScope(principal, READ_SCOPE)
        const { ticket, expiresAt } = dependencies.tickets.issue(request, principal)
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

/** Nobody on the way may keep a stream, change it or hold it back. */
const STREAM_HEADERS = {
  'cache-control': 'private, no-store, no-transform',
  'x-accel-buffering': 'no',
  vary: CREDENTIAL_VARY,
}

/** One of the two ways that a stream goes out. */
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
  const { principal } = contextOf(request)
  if (!principal) throw new Error('A stream was routed without a principal.')
  requireScope(principal, READ_SCOPE)
  const { lastEventId, channel, campaignId, workflowId, sequenceId, templateId } = query
  const { timeRange, startDate, endDate, timezone } = query
  const rangeRequest = { timeRange, startDate, endDate }
  const zone = requireTimeZone(timezone)
  // Refused here, with the parameter's name.
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
      isStillAuthorized: tickets.authorizationOf(request, principal).isStillAuthorized,
      lastEventId: lastEventId ?? (request.headers.get('last-event-id') || undefined),
    },
  )
  if (request.signal.aborted) client.close()
  Object.assign(set.headers, STREAM_HEADERS)
  return new Response(createStream(client, report), { headers: { 'content-type': contentType } })
}

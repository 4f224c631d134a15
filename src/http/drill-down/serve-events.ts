/** Answers the search of events, and the requests for one message and one contact. */
import { parseFilter, SEARCH_FILTER_LIMITS } from '../../analytics/filter/filter-tree.ts'
import { EVENT_TYPES_TEXT, isEventType } from '../../analytics/event-types.ts'
import { groupByEntity } from '../../analytics/drill-down/contact-groups.ts'
import { selectFields, toEventItem } from '../../analytics/drill-down/event-item.ts'
import { toMessageItems } from '../../analytics/drill-down/messages/message-item.ts'
import {
  type EventContinuation,
  type EventPage,
  type EventSearch,
  hasContact,
  searchEvents,
} from '../../analytics/drill-down/search-events.ts'
import { readMessageTimeline } from '../../analytics/drill-down/timelines.ts'
import { requireTimeZone, resolveTimeRange, type TimeRangePreset } from '../../analytics/time/time-range.ts'
import { ApiFailure } from '../../base/errors.ts'
import { lookedUpText } from '../audit/looked-up.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { ROUTES } from '../routes.ts'
import {
  authorized,
  type DrillDownRead,
  type DrillDownServices,
  readLimited,
  type RouteContext,
  sendData,
} from './drill-down-services.ts'
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.ts'
import { type ContactParameters, DEFAULT_PAGE, type EventSearchBody } from './search-requests.ts'

export async function serveEventsSearch(context: RouteContext, services: DrillDownServices): Promise<Response> {
  const { request } = context
  const authorization = authorized(request, ROUTES.eventsSearch.access)
  const { tenantId } = authorization.principal
  const body = context.body as EventSearchBody
  const { eventTypes, messageId, contactId, fields, order = 'desc' } = body
  checkEventTypes(eventTypes)
  const filter = parseFilter(body.filter, 'filter', SEARCH_FILTER_LIMITS)
  authorization.lookedUp = await Promise.all([
    ...(messageId === undefined ? [] : [lookedUpText(tenantId, 'message', messageId)]),
    ...(contactId === undefined ? [] : [lookedUpText(tenantId, 'contact', contactId)]),
  ])
  const page = await readPage(services, authorization, body, {
    name: 'events_search',
    preset: '30d',
    search: { eventTypes, messageId, contactId, filter, order },
  })
  const { events, classes, newer } = page
  const items = events.map((event) => selectFields(toEventItem(event, classes), fields))
  return sendData(context, services, authorization, page.read, { events: items, cursor: page.cursor, newer })
}

export async function serveContact(context: RouteContext, services: DrillDownServices): Promise<Response> {
  const { request } = context
  const authorization = authorized(request, ROUTES.contact.access)
  const { tenantId } = authorization.principal
  const contactId = lastPartOf(request)
  authorization.lookedUp = [await lookedUpText(tenantId, 'contact', contactId)]
  const query = context.query as ContactParameters
  const page = await readPage(
    services,
    authorization,
    { ...query, cursor: query.cursor || null },
    {
      name: 'contact',
      preset: '90d',
      search: { contactId, order: 'desc' },
    },
  )
  const { events, classes, newer } = page
  if (events.length === 0 && !query.cursor && !(await hasContact(services.port, tenantId, contactId)))
    throw unknown('contact')
  const items = events.map((event) => ({ event, item: toEventItem(event, classes) }))
  const data = { contactId, groups: groupByEntity(items), cursor: page.cursor, newer }
  return sendData(context, services, authorization, page.read, data)
}

export async function serveMessage(context: RouteContext, services: DrillDownServices): Promise<Response> {
  const { request } = context
  const { port, facts, clock } = services
  const authorization = authorized(request, ROUTES.message.access)
  const { tenantId } = authorization.principal
  const messageId = lastPartOf(request)
  authorization.lookedUp = [await lookedUpText(tenantId, 'message', messageId)]
  const read: DrillDownRead = { name: 'message', zoneName: 'UTC', now: clock.now() }
  const data = await readLimited(services, authorization, read, async () => {
    const timeline = await readMessageTimeline(port, facts.histories, tenantId, messageId)
    if (!timeline) throw unknown('message')
    const [message] = await toMessageItems(port, tenantId, [timeline.message])
    return { message, events: timeline.events.map((event) => toEventItem(event, timeline.classes)) }
  })
  return sendData(context, services, authorization, read, data)
}

interface PageRequest {
  readonly timeRange?: TimeRangePreset | undefined
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
  readonly timezone?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | null | undefined
}

interface PageKind {
  readonly name: string
  readonly preset: TimeRangePreset
  readonly search: Pick<EventSearch, 'eventTypes' | 'messageId' | 'contactId' | 'filter' | 'order'>
}

/** Reads a page of events, in the range of the first page. */
async function readPage(
  services: DrillDownServices,
  authorization: ReturnType<typeof authorized>,
  { timeRange, startDate, endDate, timezone, limit = DEFAULT_PAGE, cursor }: PageRequest,
  { name, preset, search }: PageKind,
): Promise<EventPage & { readonly cursor: string | null; readonly read: DrillDownRead }> {
  const { clock, facts } = services
  const { tenantId } = authorization.principal
  const zone = requireTimeZone(timezone)
  const now = clock.now()
  const query = { ...{ tenantId, name, timeRange, startDate, endDate, timezone: zone.name }, ...search }
  const decoded = cursor ? await decodeSearchCursor(cursor, query, ['number', 'string', 'number', 'number']) : undefined
  const requestedOn = decoded?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const range = resolveTimeRange({ timeRange, startDate, endDate }, preset, zone, requestedOn)
  const continuation = decoded && continuationOf(decoded.place)
  const read: DrillDownRead = { name, range, zoneName: zone.name, now }
  const source = { ...services, histories: facts.histories, rules: facts.active.rulesNumber, now }
  const page = await readLimited(services, authorization, read, () =>
    searchEvents(source, { tenantId, range, zone, limit, continuation, ...search }),
  )
  const { next } = page
  const nextCursor = next
    ? await encodeSearchCursor(query, {
        requestedOn,
        place: [next.after.at, next.after.id, next.storedUntil, next.windowMs],
      })
    : null
  return { ...page, cursor: nextCursor, read }
}

function continuationOf(place: readonly (number | string)[]): EventContinuation {
  const [at, id, storedUntil, windowMs] = place as [number, string, number, number]
  return { after: { at, id }, storedUntil, windowMs: Math.max(1, windowMs) }
}

function checkEventTypes(eventTypes: readonly string[] = []): void {
  const details = eventTypes.flatMap((eventType, index) =>
    isEventType(eventType)
      ? []
      : [
          {
            path: `eventTypes[${index}]`,
            message: `Expected an event type: ${EVENT_TYPES_TEXT}.`,
          },
        ],
  )
  if (details.length > 0) throw invalidBody(details)
}

/** The id in the path, which is percent-encoded UTF-8 (src/http/pipeline/routing/route-table.ts). */
function lastPartOf(request: Request): string {
  const path = new URL(request.url).pathname.replace(/\/$/, '')
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
}

function unknown(kind: 'message' | 'contact'): ApiFailure {
  return new ApiFailure('NOT_FOUND', `There is no event of this ${kind}.`)
}

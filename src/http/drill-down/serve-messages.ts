/** Answers the search of messages, as JSON or as a file. */
import { parseFilter, SEARCH_FILTER_LIMITS } from '../../analytics/filter/filter-tree.ts'
import { toMessageItems } from '../../analytics/drill-down/messages/message-item.ts'
import { type MessageSearch, searchMessages, selectionOf } from '../../analytics/drill-down/messages/search-messages.ts'
import { factsAsOf, requireFacts } from '../../analytics/engagement/facts-as-of.ts'
import { requireTimeZone, resolveTimeRange } from '../../analytics/time/time-range.ts'
import { lookedUpText } from '../audit/looked-up.ts'
import { requireScope } from '../auth/authenticator.ts'
import { negotiateFormat } from '../export/response-format.ts'
import { ROUTES } from '../routes.ts'
import {
  authorized,
  type DrillDownRead,
  type DrillDownServices,
  readLimited,
  type RouteContext,
  sendData,
} from './drill-down-services.ts'
import { sendMessagesFile } from './messages-file.ts'
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.ts'
import { DEFAULT_PAGE, type MessageSearchBody, type MessageSearchParameters } from './search-requests.ts'

/** More messages than these are not named one by one in the audit trail. */
const MAX_LOOKED_UP = 10

export async function serveMessagesSearch(context: RouteContext, services: DrillDownServices): Promise<Response> {
  const { request } = context
  const parameters = context.query as MessageSearchParameters
  const authorization = authorized(request, ROUTES.messagesSearch.access)
  const { principal } = authorization
  const { tenantId } = principal
  const format = negotiateFormat(parameters.format, request.headers.get('accept'))
  if (format !== 'json') {
    authorization.exportFormat = format
    requireScope(principal, ROUTES.messagesSearch.fileAccess)
  }
  const body = context.body as MessageSearchBody
  const { timeRange, startDate, endDate, timezone, cursor, limit = DEFAULT_PAGE } = body
  const { eventTypes, messageIds, status, not } = body
  const filter = parseFilter(body.filter, 'filter', SEARCH_FILTER_LIMITS)
  authorization.lookedUp = await Promise.all(
    (messageIds ?? []).slice(0, MAX_LOOKED_UP).map((id) => lookedUpText(tenantId, 'message', id)),
  )
  const { clock, facts } = services
  const zone = requireTimeZone(timezone)
  const now = clock.now()
  const chosen = { filter, eventTypes, messageIds, status, not }
  const query = { ...{ tenantId, timeRange, startDate, endDate, timezone: zone.name }, ...chosen }
  const decoded = cursor ? await decodeSearchCursor(cursor, query, ['number', 'string']) : undefined
  const requestedOn = decoded?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const range = resolveTimeRange({ timeRange, startDate, endDate }, '30d', zone, requestedOn)
  const [sentAt, messageId] = (decoded?.place ?? []) as [number?, string?]
  const after = sentAt === undefined || messageId === undefined ? undefined : { sentAt, messageId }
  const { rules, until } = requireFacts({ facts: factsAsOf(facts, now) })
  const search: MessageSearch = { tenantId, range, zone, ...chosen }
  const selection = selectionOf(search, { rules, until }, facts.histories)
  const source = { ...services, histories: facts.histories }
  const read: DrillDownRead = { name: 'messages_search', range, zoneName: zone.name, now }
  if (format !== 'json') {
    const file = { format, search, selection, after, parameters, read }
    return sendMessagesFile(context, services, authorization, source, file)
  }
  const data = await readLimited(services, authorization, read, async () => {
    const { messages, next } = await searchMessages(source, search, selection, { limit, after })
    const place = next && [next.sentAt, next.messageId]
    return {
      messages: await toMessageItems(services.port, tenantId, messages),
      cursor: place ? await encodeSearchCursor(query, { requestedOn, place }) : null,
    }
  })
  return sendData(context, services, authorization, read, data)
}

/** Answers requests for the members of a funnel. */
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { type FunnelMembersRequest, resolveMembers } from '../../analytics/funnels/members/member-request.ts'
import { DEFAULT_MEMBERS, resolveAsOf } from '../../analytics/member-pages.ts'
import { readMembers } from '../../analytics/funnels/members/read-members.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import {
  authorized,
  type DrillDownRead,
  type DrillDownServices,
  readLimited,
  type RouteContext,
  sendData,
} from '../drill-down/drill-down-services.ts'
import { decodeSearchCursor, encodeSearchCursor } from '../drill-down/search-cursor.ts'
import { ROUTES } from '../routes.ts'
import { auditedFunnel, FUNNEL_COST } from './funnel-record.ts'

export async function serveFunnelMembers(routed: RouteContext, services: DrillDownServices): Promise<Response> {
  const { port, facts, clock } = services
  const authorization = authorized(routed.request, ROUTES.funnelMembers.access)
  const { tenantId } = authorization.principal
  const body = routed.body as FunnelMembersRequest
  const { limit = DEFAULT_MEMBERS, cursor, ...request } = body
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const identity = { tenantId, ...request }
  const decoded = cursor ? await decodeSearchCursor(cursor, identity, ['number', 'string', 'number']) : undefined
  const [enteredAt, id, firstAsOf] = (decoded?.place ?? []) as [number?, string?, number?]
  const requestedOn = decoded?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const selection = resolveMembers(body, requestedOn)
  const until = firstAsOf ?? resolveAsOf(body.asOf, now)
  authorization.auditedBody = `${auditedFunnel(selection.query)}&member=${selection.state}`
  const read: DrillDownRead = { name: 'funnel_members', range: selection.query.range, zoneName: zone.name, now: until }
  const { signal } = authorization.request
  const source = { port: abortable(port, signal), facts: factsAsOf(facts, now), histories: facts.histories }
  const after = enteredAt === undefined || id === undefined ? undefined : { enteredAt, id }
  const page = await readLimited(services, authorization, { ...read, cost: FUNNEL_COST }, () =>
    readMembers(source, selection, { tenantId, until, limit, after }),
  )
  const { members, count, next } = page
  const place = next && [next.enteredAt, next.id, until]
  const data = {
    members,
    count,
    cursor: place ? await encodeSearchCursor(identity, { requestedOn, place }) : null,
  }
  return sendData(routed, services, authorization, read, data)
}

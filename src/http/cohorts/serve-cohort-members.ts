/** Answers the members of a cohort or of a cell. */
import { type CohortMembersRequest, resolveMembers } from '../../analytics/cohorts/member-request.ts'
import type { CohortMembersData } from '../../analytics/cohorts/cohort-response.ts'
import type { CohortMember } from '../../analytics/cohorts/cohort-source.ts'
import { readMembers } from '../../analytics/cohorts/read-members.ts'
import { DEFAULT_MEMBERS, resolveAsOf } from '../../analytics/member-pages.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { formatInstant } from '../../analytics/time/buckets.ts'
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
import { auditedCohorts, cohortSource, costOfCohorts } from './serve-cohorts.ts'

/** Of a cursor: the instant of the answer, the number of all members, and the last member of the page. */
const PLACE_TYPES = ['number', 'number', 'number', 'string'] as const

/** Answers a page of members. All pages are as of the instant of the first one, and have its count. */
export async function serveCohortMembers(context: RouteContext, services: DrillDownServices): Promise<Response> {
  const { request } = context
  const { clock, facts, port } = services
  const authorization = authorized(request, ROUTES.cohortMembers.access)
  const { tenantId } = authorization.principal
  const body = context.body as CohortMembersRequest
  const { cursor, limit = DEFAULT_MEMBERS, ...asked } = body
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const identity = { name: 'cohort_members', tenantId, ...asked }
  const decoded = cursor ? await decodeSearchCursor(cursor, identity, PLACE_TYPES) : undefined
  const requestedOn = decoded?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const selection = resolveMembers(body, requestedOn)
  const { query } = selection
  authorization.auditedBody = auditedCohorts(query)
  const [firstAsOf, known, startedAt, id] = (decoded?.place ?? []) as [number?, number?, number?, string?]
  const asOf = firstAsOf ?? resolveAsOf(body.asOf, now)
  const after = startedAt === undefined || id === undefined ? undefined : { startedAt, id }
  const read: DrillDownRead = {
    name: 'cohort_members',
    range: query.range,
    zoneName: zone.name,
    now: asOf,
    cost: costOfCohorts(query),
  }
  const data = await readLimited(services, authorization, read, async (): Promise<CohortMembersData> => {
    const source = cohortSource(abortable(port, authorization.request.signal), facts, asOf)
    const found = await readMembers(source, tenantId, selection, asOf, { after, limit })
    const members = found.members.slice(0, limit)
    const count = known ?? found.count
    const last = members.at(-1)
    const place = found.members.length > limit && last ? [asOf, count, last.startedAt, last.id] : undefined
    return {
      members: members.map(itemOf),
      count,
      cursor: place ? await encodeSearchCursor(identity, { requestedOn, place }) : null,
    }
  })
  return sendData(context, services, authorization, read, data)
}

function itemOf({ id, startedAt, eventAt }: CohortMember): CohortMembersData['members'][number] {
  return { id, startedAt: formatInstant(startedAt), eventAt: eventAt === null ? null : formatInstant(eventAt) }
}

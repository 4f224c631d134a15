/** The requests that show the members behind the numbers of a funnel. */
import type { Drill } from '../../drill-down/drill.ts'
import type { FunnelQuery } from '../funnel-request.ts'
import type { FunnelMember } from './member-request.ts'

export const MEMBERS_PATH = '/funnels/members'

/** Gives the request for members of a funnel: with the same range in instants, and the same events that count. */
export function memberDrills(query: FunnelQuery, until: number): (member: FunnelMember) => Drill {
  const { entity, order, window, steps, exclusions, breakdown, trend, range, zone } = query
  const funnel = {
    entity,
    steps: steps.map(({ event, filter, name }) => ({ event, ...(filter && { filter }), name })),
    order,
    window,
    ...(exclusions.length > 0 && {
      exclusions: exclusions.map(({ event, filter, after, before }) => ({
        event,
        ...(filter && { filter }),
        after: after + 1,
        before: before + 1,
      })),
    }),
    ...(breakdown && { breakdown }),
    ...(trend && { trend }),
    startDate: new Date(range.start).toISOString(),
    endDate: new Date(range.end).toISOString(),
    timezone: zone.name,
    asOf: new Date(until).toISOString(),
  }
  return (member) => ({ path: MEMBERS_PATH, body: { ...funnel, member } })
}

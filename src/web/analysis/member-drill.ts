/** Requests for the members behind the numbers of funnels and cohorts. */
import type { Drill } from '../../analytics/drill-down/drill.ts'

export const MEMBERS_PATHS = ['/funnels/members', '/cohorts/members'] as const

/** The request for some of the members of another number of the same answer, such as those of one value or one period. */
export function narrowedDrill(drill: Drill, member: Readonly<Record<string, unknown>>): Drill {
  const { member: ofNumber, ...body } = drill.body
  return { path: drill.path, body: { ...body, member: { ...(ofNumber as object | undefined), ...member } } }
}

/** Reads the members of a cohort or of a cell, page by page. They follow from the same calculation as the numbers. */
import type { CohortSource, MemberPage, MemberPageRequest } from './cohort-source.ts'
import { readEngagementMembers } from './engagement-members.ts'
import type { MemberSelection } from './member-request.ts'
import { readRetentionMembers } from './retention-members.ts'

/** Rejects with a StoreFailure, or while the facts that it needs are being calculated. */
export function readMembers(
  source: CohortSource,
  tenantId: string,
  selection: MemberSelection,
  asOf: number,
  page: MemberPageRequest,
): Promise<MemberPage> {
  const { query } = selection
  return query.kind === 'engagement'
    ? readEngagementMembers(source, tenantId, { ...selection, query }, page)
    : readRetentionMembers(source, tenantId, { ...selection, query }, asOf, page)
}

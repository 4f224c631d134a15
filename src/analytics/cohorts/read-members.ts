/** Reads the members of a cohort or of a cell, page by page. They follow from the same calculation as the numbers. */
import type { CohortSource } from './run-cohorts.ts'
import { readEngagementMembers } from './engagement-members.ts'
import type { MemberSelection } from './member-request.ts'
import { readRetentionMembers } from './retention-members.ts'

export interface CohortMember {
  readonly id: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly eventAt: number | null
}

/** Which part of a list is read: up to `limit` members behind the position. */
export interface MemberPageRequest {
  /** The last member of the page before; undefined for the first page. */
  readonly after: Pick<CohortMember, 'id' | 'startedAt'> | undefined
  readonly limit: number
}

export interface MemberPage {
  /** One more than the limit where another page follows. */
  readonly members: readonly CohortMember[]
  /** Of the first page: the number of all members. */
  readonly count: number
}

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

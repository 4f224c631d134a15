/** What cohorts and their members are read from, and the pages of members. */
import type { FactsAsOf } from '../engagement/facts-as-of.ts'
import type { ClassSource } from './classified-members.ts'

export interface CohortSource extends ClassSource {
  /** The facts of messages as of the instant of the answer. Throws while they are being calculated for the first time. */
  readonly facts: () => FactsAsOf
}

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

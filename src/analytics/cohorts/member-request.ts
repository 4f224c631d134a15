/** Requests for the members of a cohort or of a cell. */
import { type Static, Type } from '@sinclair/typebox'
import { MAX_DATE_TIME_LENGTH, parseDateTime } from '../../base/date-time.ts'
import { invalidParameter } from '../../base/errors.ts'
import { MEMBER_PAGE_FIELDS } from '../member-pages.ts'
import { object } from '../schemas.ts'
import { COHORT_FIELDS, COHORT_LIMITS, type CohortQuery, resolveCohorts } from './cohort-request.ts'

const CohortMember = object(
  {
    bucket: Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description: 'The `bucket` of the cohort.',
    }),
    period: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: COHORT_LIMITS.periods - 1,
        description: 'Only the members of the cell of this period.',
      }),
    ),
    cumulative: Type.Optional(
      Type.Boolean({ description: 'Engagement: the members of the cells of this period and of all before.' }),
    ),
  },
  'Which members.',
  'CohortMember',
)

export const CohortMembersRequest = object(
  {
    ...COHORT_FIELDS,
    member: CohortMember,
    ...MEMBER_PAGE_FIELDS,
  },
  'The members of a cohort or of a cell.',
  'CohortMembersRequest',
)
export type CohortMembersRequest = Static<typeof CohortMembersRequest>

/** What a valid request asks for. */
export interface MemberSelection<Query extends CohortQuery = CohortQuery> {
  readonly query: Query
  /** The index of the bucket of the cohort. */
  readonly index: number
  /** Undefined for all members. */
  readonly period: number | undefined
  /** Whether the cells of the periods before count too. */
  readonly isCumulative: boolean
}

/** Throws a VALIDATION_ERROR with the path of each mistake. */
export function resolveMembers(request: CohortMembersRequest, requestedOn: number): MemberSelection {
  const query = resolveCohorts(request, requestedOn)
  const { bucket, period, cumulative: isCumulative = false } = request.member
  const index = query.buckets.indexOf(instantOf('member.bucket', bucket))
  if (index < 0) throw invalidParameter('member.bucket', 'Expected the start of a bucket of the range.')
  if (period !== undefined && period >= query.periods)
    throw invalidParameter('member.period', `The request has ${query.periods} periods.`)
  if (isCumulative && query.kind !== 'engagement')
    throw invalidParameter('member.cumulative', 'Cohorts of retention do not have this field.')
  if (isCumulative && period === undefined) throw invalidParameter('member.cumulative', 'Needs a period beside it.')
  return { query, index, period, isCumulative }
}

function instantOf(path: string, text: string): number {
  const parsed = parseDateTime(text)
  if (parsed?.offsetMs === undefined) throw invalidParameter(path, 'Expected an instant such as 2026-01-26T00:00:00Z.')
  return parsed.wallTimeMs - parsed.offsetMs
}

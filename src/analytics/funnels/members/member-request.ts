/** Requests for the members of a funnel. */
import { type Static, Type } from '@sinclair/typebox'
import { ApiFailure, type FailureDetail } from '../../../base/errors.ts'
import { MAX_DATE_TIME_LENGTH } from '../../../base/date-time.ts'
import type { KeyValue } from '../../filter/dimension-columns.ts'
import { MEMBER_PAGE_FIELDS } from '../../member-pages.ts'
import { choice, object } from '../../schemas.ts'
import { bucketTimestamp, formatInstant } from '../../time/buckets.ts'
import {
  FUNNEL_FIELDS,
  FUNNEL_LIMITS,
  type FunnelQuery,
  NO_VALUE,
  OTHER_VALUES,
  resolveFunnel,
} from '../funnel-request.ts'
import { trendBuckets } from '../trend-buckets.ts'

const MEMBER_STATES = ['reached', 'droppedOff', 'excluded', 'open'] as const

const FunnelMember = object(
  {
    state: choice(
      MEMBER_STATES,
      '`reached`: reached the step. `droppedOff`: reached the step before and not this one. `excluded`: all attempts are void. `open`: not at the last step, and the window has not ended.',
    ),
    step: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: FUNNEL_LIMITS.maxSteps,
        description: 'The step of `reached` and `droppedOff`, from 1.',
      }),
    ),
    breakdownKey: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Number()], {
        description: 'Only those of this row of the breakdown, by its `key`.',
      }),
    ),
    bucket: Type.Optional(
      Type.String({
        maxLength: MAX_DATE_TIME_LENGTH,
        description: 'Only those that entered in this bucket of the trend, by its `timestamp`.',
      }),
    ),
  },
  'Which members of the funnel.',
  'FunnelMember',
)
export type FunnelMember = Static<typeof FunnelMember>

export const FunnelMembersRequest = object(
  {
    ...FUNNEL_FIELDS,
    member: FunnelMember,
    ...MEMBER_PAGE_FIELDS,
  },
  'The members of a funnel.',
  'FunnelMembersRequest',
)
export type FunnelMembersRequest = Static<typeof FunnelMembersRequest>

/** What a valid request asks for. */
export interface MemberSelection {
  readonly query: FunnelQuery
  readonly state: FunnelMember['state']
  /** Index from 0; of the last step for other states. */
  readonly step: number
  /** Undefined for all values, null for none. */
  readonly value: KeyValue | typeof OTHERS | undefined
  /** The bucket of the entry, its end exclusive. */
  readonly bucket: { readonly start: number; readonly end: number } | undefined
}

/** Stands for the values of a breakdown without a row of their own. */
export const OTHERS = Symbol('other values')

/** Throws a VALIDATION_ERROR with the path of each mistake. */
export function resolveMembers(request: FunnelMembersRequest, requestedOn: number): MemberSelection {
  const query = resolveFunnel(request, requestedOn)
  const { state, step, breakdownKey, bucket } = request.member
  const details: FailureDetail[] = []
  const isOfStep = state === 'reached' || state === 'droppedOff'
  const first = state === 'droppedOff' ? 2 : 1
  if (isOfStep && (step === undefined || step < first || step > query.steps.length))
    details.push({ path: 'member.step', message: `Expected a step from ${first} to ${query.steps.length}.` })
  if (!isOfStep && step !== undefined)
    details.push({ path: 'member.step', message: `The state ${state} is not one of a step.` })
  if (breakdownKey !== undefined && query.breakdown === undefined)
    details.push({ path: 'member.breakdownKey', message: 'The funnel has no breakdown.' })
  if (state === 'excluded' && breakdownKey !== undefined)
    details.push({ path: 'member.breakdownKey', message: 'Excluded entities are in no row of the breakdown.' })
  const found = bucket === undefined ? undefined : bucketOf(query, bucket)
  if (bucket !== undefined && found === undefined)
    details.push({ path: 'member.bucket', message: 'Expected the `timestamp` of a bucket of the trend.' })
  if (details.length > 0) throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details)
  const value = breakdownKey === NO_VALUE ? null : breakdownKey === OTHER_VALUES ? OTHERS : breakdownKey
  return { query, state, step: (step ?? query.steps.length) - 1, value, bucket: found }
}

function bucketOf({ trend, range, zone }: FunnelQuery, text: string): MemberSelection['bucket'] {
  if (trend === undefined) return undefined
  const { starts, ends } = trendBuckets(range, trend, zone)
  const named = starts.findIndex((start) => bucketTimestamp(start, trend, zone) === text)
  const index = named >= 0 ? named : starts.findIndex((start) => formatInstant(start) === text)
  return index < 0 ? undefined : { start: starts[index]!, end: ends[index]! }
}

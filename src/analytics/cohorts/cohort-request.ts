/** Requests of cohorts: their schema, and what a valid one asks for. */
import { type Static, Type } from '@sinclair/typebox'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { FILTER_LIMITS, type FilterTree, parseFilter } from '../filter/filter-tree.ts'
import { bucketsOfRange } from '../custom-query/query-request.ts'
import { EVENT_TYPES_TEXT, isEventType } from '../event-types.ts'
import { rangeParameters } from '../parameters.ts'
import { choice, object } from '../schemas.ts'
import { bucketStarts } from '../time/buckets.ts'
import { requireTimeZone, resolveTimeRange, type TimeRange } from '../time/time-range.ts'

const COHORT_KINDS = ['engagement', 'retention'] as const
const ACTIONS = ['opened', 'clicked'] as const
const COHORT_SIZES = ['day', 'week', 'month'] as const
const COUNTINGS = ['on', 'onOrAfter'] as const
const MODES = ['firstTime', 'recurring'] as const
/** The periods of engagement, in milliseconds: they run from the sending of each message. */
const PERIOD_MS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
type Period = keyof typeof PERIOD_MS
const PERIODS = Object.keys(PERIOD_MS) as readonly Period[] as readonly ['hour', 'day', 'week']

export const COHORT_LIMITS = { periods: 60 } as const
const PRESET = '90d'
const MAX_DETAILS = 20

const filter = (what: string) =>
  Type.Optional(
    Type.Unsafe<FilterTree | null>(
      Type.Any({
        description: `${what}: conditions on dimensions as in a query, at most ${FILTER_LIMITS.depth} levels, ${FILTER_LIMITS.leaves} conditions and ${FILTER_LIMITS.values} values each.`,
      }),
    ),
  )

const cohortEvent = () =>
  Type.Optional(
    object(
      {
        event: Type.String({ minLength: 1, maxLength: 100, description: 'An event type, such as message_sent.' }),
        filter: filter('Which of these events count'),
      },
      'Retention: `start` makes a contact a member of a cohort, by `return` it returns.',
      'CohortEvent',
    ),
  )

/** The fields of a request. Those of one kind only say so; the kind decides which of them are required. */
export const COHORT_FIELDS = {
  kind: choice(
    COHORT_KINDS,
    '`engagement`: messages by the time of their first sending, and when their first open or click came. `retention`: contacts by the time of an event, and in which later buckets they had another one.',
  ),
  event: Type.Optional(choice(ACTIONS, 'Engagement: opens or clicks.')),
  human: Type.Optional(
    Type.Boolean({ description: "Engagement: whether only events that are not a machine's count." }),
  ),
  period: Type.Optional(
    choice(
      PERIODS,
      'Engagement: the length of a period: 1 hour, 24 hours or 168 hours from the sending of each message.',
    ),
  ),
  filter: filter('Engagement: which messages count, by the event of their first sending'),
  start: cohortEvent(),
  return: cohortEvent(),
  counting: Type.Optional(
    choice(
      COUNTINGS,
      'Retention: whether a return counts `on` the period in which it happens, or there and in all before (`onOrAfter`).',
    ),
  ),
  mode: Type.Optional(
    choice(
      MODES,
      'Retention: `firstTime`: a contact is a member of the bucket of its first start event of all time. `recurring`: of every bucket with a start event.',
    ),
  ),
  cohort: choice(
    COHORT_SIZES,
    'The size of the buckets of cohorts, calendar aligned in `timezone`; weeks start on Monday. The periods of retention are such buckets too.',
  ),
  periods: Type.Integer({
    minimum: 1,
    maximum: COHORT_LIMITS.periods,
    description: 'The number of periods, from 0 on.',
  }),
  ...rangeParameters(PRESET),
}

export const CohortRequest = object(COHORT_FIELDS, 'A table of cohorts.', 'CohortRequest')
export type CohortRequest = Static<typeof CohortRequest>

interface SharedQuery {
  readonly cohort: (typeof COHORT_SIZES)[number]
  readonly periods: number
  readonly range: TimeRange
  readonly zone: TimeZone
  /** The starts of the buckets of cohorts. */
  readonly buckets: readonly number[]
  /** The starts of these buckets and of the following ones, up to the end of the last period that starts in the last bucket, as the last one. */
  readonly edges: readonly number[]
}

export interface EngagementCohorts extends SharedQuery {
  readonly kind: 'engagement'
  readonly event: (typeof ACTIONS)[number]
  readonly isHuman: boolean
  readonly period: Period
  readonly periodMs: number
  readonly filter: FilterTree | undefined
}

export interface CohortEvent {
  readonly event: string
  readonly filter: FilterTree | undefined
}

export interface RetentionCohorts extends SharedQuery {
  readonly kind: 'retention'
  readonly start: CohortEvent
  readonly return: CohortEvent
  readonly counting: (typeof COUNTINGS)[number]
  readonly mode: (typeof MODES)[number]
}

export type CohortQuery = EngagementCohorts | RetentionCohorts

const FIELDS_OF_KIND = {
  engagement: ['event', 'human', 'period', 'filter'],
  retention: ['start', 'return', 'counting', 'mode'],
} as const
const OPTIONAL_FIELDS: readonly string[] = ['filter']

/** Throws a VALIDATION_ERROR with the path of each mistake, or TOO_MANY_GROUPS for too many buckets. `requestedOn` decides which days a preset means. */
export function resolveCohorts(request: CohortRequest, requestedOn: number): CohortQuery {
  const details = fieldMistakes(request)
  if (details.length > 0) throw invalid(details)
  const filters = [
    parsedFilter(request.filter, 'filter', details),
    ...(['start', 'return'] as const).map((name) => {
      checkEvent(request[name]?.event, `${name}.event`, details)
      return parsedFilter(request[name]?.filter, `${name}.filter`, details)
    }),
  ]
  if (details.length > 0) throw invalid(details)
  const { cohort, periods } = request
  const zone = requireTimeZone(request.timezone)
  const range = resolveTimeRange(request, PRESET, zone, requestedOn)
  const buckets = bucketsOfRange(range, cohort, zone)
  const end = range.end + (periods + 1) * LONGEST_BUCKET_MS[cohort]
  const edges = bucketStarts({ start: range.start, end }, cohort, zone).slice(0, buckets.length + periods)
  const shared = { cohort, periods, range, zone, buckets, edges }
  if (request.kind === 'engagement') {
    const { event, human, period } = request
    return {
      ...shared,
      kind: 'engagement',
      event: event!,
      isHuman: human!,
      period: period!,
      periodMs: PERIOD_MS[period!],
      filter: filters[0],
    }
  }
  return {
    ...shared,
    kind: 'retention',
    start: { event: request.start!.event, filter: filters[1] },
    return: { event: request.return!.event, filter: filters[2] },
    counting: request.counting!,
    mode: request.mode!,
  }
}

const LONGEST_BUCKET_MS = { day: 26 * 3_600_000, week: 8 * 86_400_000, month: 32 * 86_400_000 } as const

/** Fields of the other kind, and missing ones. */
function fieldMistakes(request: CohortRequest): FailureDetail[] {
  const { kind } = request
  const other = kind === 'engagement' ? 'retention' : 'engagement'
  return [
    ...FIELDS_OF_KIND[other].flatMap((path) =>
      request[path] === undefined ? [] : [{ path, message: `Cohorts of ${kind} do not have this field.` }],
    ),
    ...FIELDS_OF_KIND[kind].flatMap((path) =>
      request[path] !== undefined || OPTIONAL_FIELDS.includes(path)
        ? []
        : [{ path, message: `Cohorts of ${kind} need this field.` }],
    ),
  ]
}

function parsedFilter(tree: unknown, path: string, details: FailureDetail[]): FilterTree | undefined {
  try {
    return parseFilter(tree, path)
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    details.push(...(error.details ?? []))
    return undefined
  }
}

function checkEvent(event: string | undefined, path: string, details: FailureDetail[]): void {
  if (event === undefined || isEventType(event)) return
  const message = `Unknown event type ${event}. Known event types: ${EVENT_TYPES_TEXT}.`
  details.push({ path, message })
}

function invalid(details: readonly FailureDetail[]): ApiFailure {
  return new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, MAX_DETAILS))
}

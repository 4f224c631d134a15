/** Requests of funnels: their schema, and what a valid one asks for. */
import { type Static, Type } from '@sinclair/typebox'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { FILTER_LIMITS, type FilterTree, parseFilter, unknownDimensionMessage } from '../filter/filter-tree.ts'
import { bucketsOfRange } from '../custom-query/query-request.ts'
import { type DimensionName, DIMENSION_NAMES, DIMENSIONS } from '../dimensions.ts'
import { EVENT_TYPES_TEXT, isEventType } from '../event-types.ts'
import { rangeParameters } from '../parameters.ts'
import { choice, object } from '../schemas.ts'
import { type Granularity, GRANULARITIES } from '../time/buckets.ts'
import { requireTimeZone, resolveTimeRange, type TimeRange } from '../time/time-range.ts'

export const FUNNEL_ENTITIES = ['message', 'contact', 'enrollment', 'run'] as const
export type FunnelEntity = (typeof FUNNEL_ENTITIES)[number]
export const FUNNEL_ORDERS = ['ordered', 'strict', 'any'] as const
export type FunnelOrder = (typeof FUNNEL_ORDERS)[number]
/** Which event of an attempt gives the value of a breakdown: the first chosen one, or the first or last one with a value. */
export const BREAKDOWN_EVENTS = ['entry', 'first', 'last'] as const

export const FUNNEL_LIMITS = { minSteps: 2, maxSteps: 8, exclusions: 8, breakdownValues: 20 } as const
const PRESET = '30d'
const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS }
const MAX_WINDOW_MS = 90 * DAY_MS
const WINDOW = /^([1-9]\d{0,5})([mhd])$/

/** Keys of a breakdown for all further values, and for no value. */
export const OTHER_VALUES = '(other)'
export const NO_VALUE = '(none)'

const eventType = () =>
  Type.String({ minLength: 1, maxLength: 100, description: 'An event type, such as message_sent.' })
const filter = () =>
  Type.Optional(
    Type.Unsafe<FilterTree | null>(
      Type.Any({
        description: `Which of these events count: conditions on dimensions as in a query, at most ${FILTER_LIMITS.depth} levels, ${FILTER_LIMITS.leaves} conditions and ${FILTER_LIMITS.values} values each.`,
      }),
    ),
  )
const stepNumber = (description: string) => Type.Integer({ minimum: 1, maximum: FUNNEL_LIMITS.maxSteps, description })

/** What a funnel is, without its range. */
const DEFINITION_FIELDS = {
  entity: choice(FUNNEL_ENTITIES, 'Whose events are followed: events without the id of such an entity take no part.'),
  steps: Type.Array(
    object(
      {
        event: eventType(),
        filter: filter(),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'The name in the response.' })),
      },
      'A step.',
      'FunnelStep',
    ),
    { minItems: FUNNEL_LIMITS.minSteps, maxItems: FUNNEL_LIMITS.maxSteps, description: 'The steps in order.' },
  ),
  order: choice(
    FUNNEL_ORDERS,
    '`ordered`: one step after the other. `strict`: with no other event of the entity between two of them. `any`: all of them within one window, in whatever order.',
  ),
  window: Type.String({
    pattern: '^[1-9][0-9]{0,5}[mhd]$',
    maxLength: 7,
    description:
      'The time from the first event of an attempt to its last one, inclusive: 1m to 90d, a number of m, h or d.',
  }),
  exclusions: Type.Optional(
    Type.Array(
      object(
        {
          event: eventType(),
          filter: filter(),
          after: stepNumber('The step, from 1, after which the event voids the attempt.'),
          before: stepNumber('The step before which the event voids the attempt.'),
        },
        'An event that voids an attempt when it lies strictly between the events of two steps that are both reached.',
        'FunnelExclusion',
      ),
      { maxItems: FUNNEL_LIMITS.exclusions, description: 'Events that void an attempt.' },
    ),
  ),
}

/** The fields of a funnel. */
export const FUNNEL_FIELDS = {
  ...DEFINITION_FIELDS,
  breakdown: Type.Optional(
    object(
      {
        dimension: Type.Unsafe<DimensionName>(
          Type.String({ minLength: 1, maxLength: 100, enum: DIMENSION_NAMES, description: 'A dimension.' }),
        ),
        of: choice(
          BREAKDOWN_EVENTS,
          'The event whose value counts: the entry, or the first or last chosen event that has a value.',
        ),
      },
      'Divides the steps by the values of a dimension.',
      'FunnelBreakdown',
    ),
  ),
  trend: Type.Optional(choice(GRANULARITIES, 'Adds a series by the time of the entry.')),
  ...rangeParameters(PRESET),
}

export const FunnelRequest = object(FUNNEL_FIELDS, 'A funnel.', 'FunnelRequest')
export type FunnelRequest = Static<typeof FunnelRequest>

export interface FunnelStep {
  readonly event: string
  readonly filter: FilterTree | undefined
  readonly name: string
}

/** The steps are indexes from 0. */
export interface FunnelExclusion {
  readonly event: string
  readonly filter: FilterTree | undefined
  readonly after: number
  readonly before: number
}

export interface FunnelBreakdown {
  readonly dimension: DimensionName
  readonly of: (typeof BREAKDOWN_EVENTS)[number]
}

/** What a valid request asks for. */
export interface FunnelQuery {
  readonly entity: FunnelEntity
  readonly steps: readonly FunnelStep[]
  readonly order: FunnelOrder
  /** As in the request. */
  readonly window: string
  readonly windowMs: number
  readonly exclusions: readonly FunnelExclusion[]
  readonly breakdown: FunnelBreakdown | undefined
  readonly trend: Granularity | undefined
  readonly range: TimeRange
  readonly zone: TimeZone
}

/** Throws a VALIDATION_ERROR with the path of each mistake, or TOO_MANY_GROUPS for too many buckets. `requestedOn` decides which days a preset means. */
export function resolveFunnel(request: FunnelRequest, requestedOn: number): FunnelQuery {
  const { entity, order, window, breakdown, trend } = request
  const details: FailureDetail[] = []
  const steps = request.steps.map(({ event, filter: tree, name }, index) => {
    checkEvent(event, `steps[${index}].event`, details)
    return { event, filter: parsedFilter(tree, `steps[${index}].filter`, details), name: name ?? event }
  })
  const exclusions = (request.exclusions ?? []).map(({ event, filter: tree, after, before }, index) => {
    const path = `exclusions[${index}]`
    checkEvent(event, `${path}.event`, details)
    if (after > steps.length) details.push({ path: `${path}.after`, message: noSuchStep(steps.length) })
    if (before > steps.length) details.push({ path: `${path}.before`, message: noSuchStep(steps.length) })
    if (after >= before) details.push({ path: `${path}.before`, message: 'Expected a step after the one of `after`.' })
    return { event, filter: parsedFilter(tree, `${path}.filter`, details), after: after - 1, before: before - 1 }
  })
  if (breakdown && !Object.hasOwn(DIMENSIONS, breakdown.dimension))
    details.push({ path: 'breakdown.dimension', message: unknownDimensionMessage(breakdown.dimension) })
  const windowMs = windowOf(window)
  if (windowMs === undefined) details.push({ path: 'window', message: 'Expected 1m to 90d: a number of m, h or d.' })
  if (details.length > 0) throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, 20))
  const zone = requireTimeZone(request.timezone)
  const range = resolveTimeRange(request, PRESET, zone, requestedOn)
  if (trend) bucketsOfRange(range, trend, zone)
  return { entity, steps, order, window, windowMs: windowMs!, exclusions, breakdown, trend, range, zone }
}

function windowOf(text: string): number | undefined {
  const [, number, unit] = WINDOW.exec(text) ?? []
  const windowMs = Number(number) * UNIT_MS[unit!]!
  return windowMs <= MAX_WINDOW_MS ? windowMs : undefined
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

function checkEvent(event: string, path: string, details: FailureDetail[]): void {
  if (isEventType(event)) return
  const message = `Unknown event type ${event}. Known event types: ${EVENT_TYPES_TEXT}.`
  details.push({ path, message })
}

function noSuchStep(count: number): string {
  return `There is no such step: the funnel has ${count}.`
}

/** What a funnel shows: its part of the address, and the changes that its editor makes. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { DIMENSION_NAMES, type DimensionName } from '../../analytics/dimensions.ts'
import {
  choiceOf,
  eventOf,
  filterOf,
  listOf,
  nameOf,
  numberOf,
  objectOf,
  parseDefinition,
} from '../analysis/definition-text.ts'

export const FUNNEL_ENTITIES = ['message', 'contact', 'enrollment', 'run'] as const
export const FUNNEL_ORDERS = ['ordered', 'strict', 'any'] as const
export const BREAKDOWN_POSITIONS = ['entry', 'first', 'last'] as const
export const STEP_COUNTS = { least: 2, most: 8 } as const
export const MAX_EXCLUSIONS = 8
const DEFAULT_WINDOW = '7d'
const WINDOW = /^([1-9]\d{0,6})([mhd])$/
const UNIT_MINUTES = { m: 1, h: 60, d: 1_440 } as const
const MAX_WINDOW_MINUTES = 90 * UNIT_MINUTES.d

export type FunnelEntity = (typeof FUNNEL_ENTITIES)[number]
export type WindowUnit = keyof typeof UNIT_MINUTES

export interface FunnelStepDefinition {
  readonly event: string
  readonly filter?: FilterTree
  readonly name?: string
}

export interface FunnelExclusion {
  readonly event: string
  readonly filter?: FilterTree
  /** Numbers of steps, from 1. */
  readonly after: number
  readonly before: number
}

/** The request of a funnel without its range. */
export interface FunnelDefinition {
  readonly entity: FunnelEntity
  readonly steps: readonly FunnelStepDefinition[]
  readonly order: (typeof FUNNEL_ORDERS)[number]
  readonly window: string
  readonly exclusions: readonly FunnelExclusion[]
  readonly breakdown?: { readonly dimension: DimensionName; readonly of: (typeof BREAKDOWN_POSITIONS)[number] }
}

/** What the view shows at first. */
export const FIRST_FUNNEL: FunnelDefinition = {
  entity: 'message',
  steps: ['message_sent', 'message_delivered', 'message_opened', 'message_clicked'].map((event) => ({ event })),
  order: 'ordered',
  window: DEFAULT_WINDOW,
  exclusions: [],
}

/** Reads the text of the address, or a funnel of the service; a definition without two valid steps is the first one. */
export function parseFunnel(text: string | undefined): FunnelDefinition {
  return funnelOf(parseDefinition(text))
}

/** Reads a definition, for instance the body of a request. */
export function funnelOf(value: unknown): FunnelDefinition {
  const { entity, steps, order, window, exclusions, breakdown } = objectOf(value)
  const known = listOf(steps).flatMap((step) => stepOf(step) ?? [])
  if (known.length < STEP_COUNTS.least || known.length > STEP_COUNTS.most) return FIRST_FUNNEL
  const { dimension, of } = objectOf(breakdown)
  const divided = DIMENSION_NAMES.find((name) => name === dimension)
  return {
    entity: choiceOf(FUNNEL_ENTITIES, entity),
    steps: known,
    order: choiceOf(FUNNEL_ORDERS, order),
    window: typeof window === 'string' && isWindow(window) ? window : DEFAULT_WINDOW,
    exclusions: listOf(exclusions)
      .flatMap((each) => exclusionOf(each, known.length) ?? [])
      .slice(0, MAX_EXCLUSIONS),
    ...(divided && { breakdown: { dimension: divided, of: choiceOf(BREAKDOWN_POSITIONS, of) } }),
  }
}

/** The text of the address; undefined for the first funnel. */
export function formatFunnel(funnel: FunnelDefinition): string | undefined {
  const { entity, steps, order, window, exclusions, breakdown } = funnel
  const text = JSON.stringify({
    entity,
    steps,
    ...(order !== FUNNEL_ORDERS[0] && { order }),
    ...(window !== DEFAULT_WINDOW && { window }),
    ...(exclusions.length > 0 && { exclusions }),
    ...(breakdown && { breakdown }),
  })
  const { entity: firstEntity, steps: firstSteps } = FIRST_FUNNEL
  return text === JSON.stringify({ entity: firstEntity, steps: firstSteps }) ? undefined : text
}

function stepOf(value: unknown): FunnelStepDefinition | undefined {
  const step = objectOf(value)
  const [event, filter, given] = [eventOf(step['event']), filterOf(step['filter']), nameOf(step['name'])]
  // The service names a step by its event where the request does not.
  const name = given === event ? undefined : given
  return event === undefined ? undefined : { event, ...(filter && { filter }), ...(name !== undefined && { name }) }
}

function exclusionOf(value: unknown, stepCount: number): FunnelExclusion | undefined {
  const exclusion = objectOf(value)
  const [event, filter] = [eventOf(exclusion['event']), filterOf(exclusion['filter'])]
  const after = numberOf(exclusion['after'], [1, stepCount - 1], 1)
  const before = numberOf(exclusion['before'], [after + 1, stepCount], after + 1)
  return event === undefined ? undefined : { event, ...(filter && { filter }), after, before }
}

/** Whether a window is between one minute and 90 days. */
export function isWindow(window: string): boolean {
  const { count, unit } = windowParts(window)
  const minutes = count * UNIT_MINUTES[unit]
  return minutes >= 1 && minutes <= MAX_WINDOW_MINUTES
}

/** The number and the unit of a window; 0 for anything else. */
export function windowParts(window: string): { readonly count: number; readonly unit: WindowUnit } {
  const [, count = '0', unit = 'd'] = WINDOW.exec(window) ?? []
  return { count: Number(count), unit: unit as WindowUnit }
}

/** Adds a step at the end. */
export function addStep(funnel: FunnelDefinition, event: string): FunnelDefinition {
  return { ...funnel, steps: [...funnel.steps, { event }] }
}

export function changeStep(funnel: FunnelDefinition, index: number, step: FunnelStepDefinition): FunnelDefinition {
  return { ...funnel, steps: funnel.steps.with(index, step) }
}

/** Removes a step. An exclusion beside it reaches to the step that takes its place; one that has no room left is removed. */
export function removeStep(funnel: FunnelDefinition, index: number): FunnelDefinition {
  const count = funnel.steps.length - 1
  const renumber = (number: number) => Math.min(number > index + 1 ? number - 1 : number, count)
  return {
    ...funnel,
    steps: funnel.steps.toSpliced(index, 1),
    exclusions: funnel.exclusions
      .map((each) => ({ ...each, after: renumber(each.after), before: renumber(each.before) }))
      .filter(({ after, before }) => after < before),
  }
}

/** Moves a step to another position. The exclusions keep their places between the positions. */
export function moveStep(funnel: FunnelDefinition, from: number, to: number): FunnelDefinition {
  const step = funnel.steps[from]
  if (step === undefined || to < 0 || to >= funnel.steps.length) return funnel
  return { ...funnel, steps: funnel.steps.toSpliced(from, 1).toSpliced(to, 0, step) }
}

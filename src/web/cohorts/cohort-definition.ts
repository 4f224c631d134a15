/** What a cohort analysis shows: its part of the address and its request. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { bothOf } from '../analysis/conditions.ts'
import { choiceOf, eventOf, filterOf, numberOf, objectOf, parseDefinition } from '../analysis/definition-text.ts'

export const COHORT_KINDS = ['engagement', 'retention'] as const
export const COHORT_UNITS = ['week', 'day', 'month'] as const
export const PERIOD_UNITS = ['day', 'hour', 'week'] as const
export const ENGAGEMENT_EVENTS = ['opened', 'clicked'] as const
export const COUNTINGS = ['on', 'onOrAfter'] as const
export const MODES = ['firstTime', 'recurring'] as const
export const SHOWN = ['rate', 'count'] as const
export const PERIOD_BOUNDS = [1, 60] as const
const DEFAULT_PERIODS = 12

export type CohortUnit = (typeof COHORT_UNITS)[number]

export interface CohortEvent {
  readonly event: string
  readonly filter?: FilterTree
}

interface ShownCells {
  readonly cohort: CohortUnit
  readonly periods: number
  /** Whether the cells show shares or numbers. */
  readonly show: (typeof SHOWN)[number]
}

export interface EngagementDefinition extends ShownCells {
  readonly kind: 'engagement'
  readonly event: (typeof ENGAGEMENT_EVENTS)[number]
  readonly human: boolean
  readonly period: (typeof PERIOD_UNITS)[number]
  readonly filter?: FilterTree
  /** Whether a cell also shows the periods before it. */
  readonly cumulative: boolean
}

export interface RetentionDefinition extends ShownCells {
  readonly kind: 'retention'
  readonly start: CohortEvent
  readonly return: CohortEvent
  readonly counting: (typeof COUNTINGS)[number]
  readonly mode: (typeof MODES)[number]
}

export type CohortDefinition = EngagementDefinition | RetentionDefinition

/** Reads the text of the address; what is missing or invalid has its first choice. */
export function parseCohorts(text: string | undefined): CohortDefinition {
  const value = parseDefinition(text)
  const shown = {
    cohort: choiceOf(COHORT_UNITS, value['cohort']),
    periods: numberOf(value['periods'], PERIOD_BOUNDS, DEFAULT_PERIODS),
    show: choiceOf(SHOWN, value['show']),
  }
  if (choiceOf(COHORT_KINDS, value['kind']) === 'retention')
    return {
      kind: 'retention',
      start: cohortEventOf(value['start'], 'message_sent'),
      return: cohortEventOf(value['return'], 'message_clicked'),
      counting: choiceOf(COUNTINGS, value['counting']),
      mode: choiceOf(MODES, value['mode']),
      ...shown,
    }
  const filter = filterOf(value['filter'])
  return {
    kind: 'engagement',
    event: choiceOf(ENGAGEMENT_EVENTS, value['event']),
    human: value['human'] !== false,
    period: choiceOf(PERIOD_UNITS, value['period']),
    ...(filter && { filter }),
    cumulative: value['cumulative'] === true,
    ...shown,
  }
}

/** The text of the address; undefined for what the view shows at first. */
export function formatCohorts(definition: CohortDefinition): string | undefined {
  const first = parseCohorts(JSON.stringify({ kind: definition.kind })) as unknown as Readonly<Record<string, unknown>>
  const changed = Object.entries(definition).filter(
    ([name, value]) => name !== 'kind' && JSON.stringify(value) !== JSON.stringify(first[name]),
  )
  if (changed.length === 0 && definition.kind === COHORT_KINDS[0]) return undefined
  return JSON.stringify({ kind: definition.kind, ...Object.fromEntries(changed) })
}

/** The request of a definition, without its range. The filters of the page narrow the messages, or both events. */
export function cohortBodyOf(definition: CohortDefinition, shared?: FilterTree): object {
  const { show: _, ...body } = definition
  if (body.kind === 'retention')
    return { ...body, start: narrowed(body.start, shared), return: narrowed(body.return, shared) }
  const { cumulative: __, ...engagement } = body
  return narrowed(engagement, shared)
}

function narrowed<Part extends { readonly filter?: FilterTree }>(part: Part, shared: FilterTree | undefined): Part {
  const filter = bothOf(part.filter, shared)
  return { ...part, ...(filter && { filter }) }
}

function cohortEventOf(value: unknown, fallback: string): CohortEvent {
  const { event, filter } = objectOf(value)
  const tree = filterOf(filter)
  return { event: eventOf(event) ?? fallback, ...(tree && { filter: tree }) }
}

/** Filters as a list of conditions that all have to be met, which is what their editor shows. */
import type { FilterTree } from '../../analytics/custom-query/filter-tree.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'

export const CONDITION_OPERATORS = ['in', 'notIn', 'exists', 'missing'] as const
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number]

export interface Condition {
  readonly dimension: DimensionName
  readonly operator: ConditionOperator
  readonly values: readonly (string | number)[]
}

/** The dimensions whose values are numbers. */
const NUMBERS: readonly DimensionName[] = ['step', 'hourOfDay']

/** The conditions of a filter; undefined for a filter that is more than a list of them. */
export function conditionsOf(filter: FilterTree | undefined): readonly Condition[] | undefined {
  if (filter === undefined) return []
  if ('and' in filter) {
    const parts = filter.and.map(conditionsOf)
    return parts.some((part) => part?.length !== 1) ? undefined : parts.map((part) => part![0]!)
  }
  if ('or' in filter) return undefined
  if ('not' in filter)
    return 'operator' in filter.not && filter.not.operator === 'exists'
      ? [{ dimension: filter.not.dimension, operator: 'missing', values: [] }]
      : undefined
  return [{ dimension: filter.dimension, operator: filter.operator, values: filter.values ?? [] }]
}

/** The filter of a list of conditions; undefined for none. */
export function filterOfConditions(conditions: readonly Condition[]): FilterTree | undefined {
  const trees = conditions.map(({ dimension, operator, values }): FilterTree => {
    if (operator === 'missing') return { not: { dimension, operator: 'exists' } }
    return operator === 'exists' ? { dimension, operator } : { dimension, operator, values }
  })
  return trees.length > 1 ? { and: trees } : trees[0]
}

/** The values of a text with commas; numbers where the dimension has numbers, others left out. */
export function valuesOf(text: string, dimension: DimensionName): (string | number)[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return NUMBERS.includes(dimension) ? parts.map(Number).filter(Number.isInteger) : parts
}

/** Filters of searches: the part that the store can decide as SQL, and the whole filter in TypeScript for what depends on the other events of a message. */
import type { FilterTree } from '../filter/filter-tree.ts'
import type { DimensionName } from '../dimensions.ts'
import type { QueryParameter } from '../query/tenant-query.ts'

export interface SqlCondition {
  /** Empty, or with its ` AND ` in front. */
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

/** The value of each dimension of an event or message; null for none. */
export type ValueOf = (dimension: DimensionName) => string | number | null

/** Whether a filter accepts these values. */
export function accepts(filter: FilterTree | undefined, valueOf: ValueOf): boolean {
  if (filter === undefined) return true
  if ('and' in filter) return filter.and.every((each) => accepts(each, valueOf))
  if ('or' in filter) return filter.or.some((each) => accepts(each, valueOf))
  if ('not' in filter) return !accepts(filter.not, valueOf)
  const value = valueOf(filter.dimension)
  if (filter.operator === 'exists') return value !== null
  const isInside = value !== null && filter.values!.some((each) => String(each) === String(value))
  return filter.operator === 'in' ? isInside : !isInside
}

/** Whether the filter depends on any of these dimensions. */
export function dependsOn(filter: FilterTree | undefined, dimensions: ReadonlySet<DimensionName>): boolean {
  if (filter === undefined) return false
  if ('and' in filter) return filter.and.some((each) => dependsOn(each, dimensions))
  if ('or' in filter) return filter.or.some((each) => dependsOn(each, dimensions))
  return 'not' in filter ? dependsOn(filter.not, dimensions) : dimensions.has(filter.dimension)
}

/** A filter that accepts everything that the given one accepts for some values of these dimensions, and does not depend on them; undefined where that is everything. */
export function withoutDimensions(
  filter: FilterTree | undefined,
  dimensions: ReadonlySet<DimensionName>,
  isNegated = false,
): FilterTree | undefined {
  if (filter === undefined) return undefined
  if ('not' in filter) return withoutDimensions(filter.not, dimensions, !isNegated)
  if ('dimension' in filter) {
    if (dimensions.has(filter.dimension)) return undefined
    return isNegated ? { not: filter } : filter
  }
  const isConjunction = 'and' in filter
  const parts = (isConjunction ? filter.and : filter.or).map((each) => withoutDimensions(each, dimensions, isNegated))
  const known = parts.filter((part) => part !== undefined)
  // By De Morgan's laws: the negation of a conjunction is the disjunction of the negations.
  if (isConjunction !== isNegated) return known.length === 0 ? undefined : { and: known }
  return known.length < parts.length ? undefined : { or: known }
}

/** The filter with other values of this dimension. */
export function withValuesOf(
  filter: FilterTree,
  dimension: DimensionName,
  map: (value: string | number) => string | number,
): FilterTree {
  if ('and' in filter) return { and: filter.and.map((each) => withValuesOf(each, dimension, map)) }
  if ('or' in filter) return { or: filter.or.map((each) => withValuesOf(each, dimension, map)) }
  if ('not' in filter) return { not: withValuesOf(filter.not, dimension, map) }
  return filter.dimension === dimension && filter.values ? { ...filter, values: filter.values.map(map) } : filter
}

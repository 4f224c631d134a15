/** Filters of events as the lists of conditions that the page edits. */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import type { Filter } from '../filters/filter.ts'

/** The conditions of a filter, all of which have to be met; undefined for a filter that is more than a list of them. */
export function conditionsOf(filter: FilterTree | undefined): readonly Filter[] | undefined {
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
  return [{ dimension: filter.dimension, operator: filter.operator, values: (filter.values ?? []).map(String) }]
}

/** A filter that both have to pass, no deeper than necessary; undefined for none. */
export function bothOf(first: FilterTree | undefined, second: FilterTree | undefined): FilterTree | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const parts = [first, second].flatMap((tree) => ('and' in tree ? tree.and : [tree]))
  const texts = parts.map((part) => JSON.stringify(part))
  const distinct = parts.filter((_, index) => texts.indexOf(texts[index]!) === index)
  return distinct.length > 1 ? { and: distinct } : distinct[0]
}

/**
 * The filters of the page: a list of conditions that all have to be met, which every view shares. The address has a parameter for each of them, named by its dimension:
 * `channel=email,sms` is one of the values, `channel=!email` none of them, `campaign=*` any value and `campaign=!*` no value.
 */
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import type { PageControls } from '../../analytics/dashboards/page-controls.ts'
import { DIMENSION_NAMES, type DimensionName, DIMENSIONS } from '../../analytics/dimensions.ts'
import { CHANNELS } from '../../base/channels.ts'

export const CONDITIONS = ['in', 'notIn', 'exists', 'missing'] as const

export interface Filter {
  readonly dimension: DimensionName
  readonly operator: (typeof CONDITIONS)[number]
  /** At least one of `in` and `notIn`; none of the others. */
  readonly values: readonly string[]
}

/** The limits of the service. */
export const MAX_FILTERS = 20
const MAX_VALUES = 100

/** Characters that have a meaning in a parameter. */
const RESERVED = /[%,]|^[!*]/g

/** The filters of an address, in the order of the dimensions. Ignores what is no filter. */
export function parseFilters(parameters: URLSearchParams): readonly Filter[] {
  return DIMENSION_NAMES.flatMap((dimension) =>
    parameters.getAll(dimension).flatMap((text) => parseFilter(dimension, text) ?? []),
  ).slice(0, MAX_FILTERS)
}

function parseFilter(dimension: DimensionName, text: string): Filter | undefined {
  const isNegative = text.startsWith('!')
  const list = isNegative ? text.slice(1) : text
  if (list === '*') return { dimension, operator: isNegative ? 'missing' : 'exists', values: [] }
  const values = [...new Set(list.split(',').flatMap((value) => decode(value) ?? []))].filter((value) =>
    isPossible(dimension, value),
  )
  if (values.length === 0) return undefined
  return { dimension, operator: isNegative ? 'notIn' : 'in', values: values.slice(0, MAX_VALUES) }
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function isPossible(dimension: DimensionName, value: string): boolean {
  return value !== '' && (dimension !== 'channel' || (CHANNELS as readonly string[]).includes(value))
}

/** The parameters of the address, each a dimension and what it has to be. */
export function formatFilters(filters: readonly Filter[]): [string, string][] {
  return filters.map(({ dimension, operator, values }) => {
    const sign = operator === 'notIn' || operator === 'missing' ? '!' : ''
    const list = values.map((value) => value.replaceAll(RESERVED, escapeOf)).join(',')
    return [dimension, sign + (operator === 'in' || operator === 'notIn' ? list : '*')]
  })
}

/** `encodeURIComponent` leaves some of the characters as they are. */
const escapeOf = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** The filters as the service reads them; undefined without any. */
export function filterTreeOf(filters: readonly Filter[]): FilterTree | undefined {
  const trees = filters.map(({ dimension, operator, values }): FilterTree => {
    if (operator === 'missing') return { not: { dimension, operator: 'exists' } }
    return operator === 'exists' ? { dimension, operator } : { dimension, operator, values }
  })
  return trees.length > 1 ? { and: trees } : trees[0]
}

/** The parts of a view that decide which filters it can apply. */
export type FilterControls = Pick<PageControls, 'takesChannel' | 'entityFilter' | 'takesFilters'>

/** The filters that a view can apply. A dashboard takes one value of some dimensions; the page of one campaign, workflow, … no other one. */
export function applicableFilters(
  filters: readonly Filter[],
  { takesChannel, entityFilter, takesFilters }: FilterControls,
  id: string | undefined,
): readonly Filter[] {
  if (takesFilters) return filters
  const taken = [...(takesChannel ? ['channel'] : []), ...(entityFilter && id === undefined ? [entityFilter.noun] : [])]
  return taken.flatMap(
    (name) =>
      filters.find(
        ({ dimension, operator, values }) => dimension === name && operator === 'in' && values.length === 1,
      ) ?? [],
  )
}

/** The filters of a dashboard as parameters of its request. */
export function filterParameters(
  filters: readonly Filter[],
  controls: FilterControls,
  id: string | undefined,
): Record<string, string> {
  const applied = controls.takesFilters ? [] : applicableFilters(filters, controls, id)
  return Object.fromEntries(
    applied.flatMap(({ dimension, values }) => {
      const definition = DIMENSIONS[dimension]
      return 'parameter' in definition ? [[definition.parameter, values[0]!]] : []
    }),
  )
}

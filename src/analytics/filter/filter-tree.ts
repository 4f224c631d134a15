/** Filters of queries: trees of conditions on dimensions, as requests have them and as SQL over any table that has columns for the dimensions. */
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import { type DimensionName, DIMENSIONS } from '../dimensions.ts'
import { WEEKDAYS } from '../time/buckets.ts'

export const FILTER_OPERATORS = ['in', 'notIn', 'exists'] as const

/** A condition on one dimension. `notIn` and the negation of any condition pass a missing value. */
export interface FilterLeaf {
  readonly dimension: DimensionName
  readonly operator: (typeof FILTER_OPERATORS)[number]
  /** Of `in` and `notIn`. */
  readonly values?: readonly (string | number)[]
}

export type FilterTree =
  | { readonly and: readonly FilterTree[] }
  | { readonly or: readonly FilterTree[] }
  | { readonly not: FilterTree }
  | FilterLeaf

export const FILTER_LIMITS = { depth: 4, leaves: 20, values: 100 } as const
/** A search of what is behind a number of a query has the filter of the query and the keys of the number. */
export const SEARCH_FILTER_LIMITS = { depth: 5, leaves: 24, values: 100 } as const

/** The filter of a request; undefined for none. Throws a VALIDATION_ERROR with the path of each mistake. */
export function parseFilter(
  value: unknown,
  path = 'filter',
  limits: typeof FILTER_LIMITS | typeof SEARCH_FILTER_LIMITS = FILTER_LIMITS,
): FilterTree | undefined {
  if (value === undefined || value === null) return undefined
  const details: FailureDetail[] = []
  const parser = { limits, leaves: 0, fail: (at: string, message: string) => void details.push({ path: at, message }) }
  const tree = parseNode(value, path, 1, parser)
  if (parser.leaves > limits.leaves) parser.fail(path, `At most ${limits.leaves} conditions are allowed.`)
  if (details.length > 0) throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, 20))
  return tree
}

interface Parser {
  readonly limits: { readonly depth: number; readonly leaves: number }
  leaves: number
  readonly fail: (path: string, message: string) => void
}

const NODE_HINT = 'Expected {"and": […]}, {"or": […]}, {"not": …} or {"dimension", "operator", "values"}.'

function parseNode(value: unknown, path: string, depth: number, parser: Parser): FilterTree {
  const nothing = { and: [] }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    parser.fail(path, NODE_HINT)
    return nothing
  }
  const node = value as Readonly<Record<string, unknown>>
  const combination = (['and', 'or', 'not'] as const).find((name) => Object.hasOwn(node, name))
  if (combination === undefined) return parseLeaf(node, path, parser)
  refuseUnknown(node, [combination], path, parser)
  if (depth > parser.limits.depth) {
    parser.fail(path, `The filter is nested more than ${parser.limits.depth} levels deep.`)
    return nothing
  }
  const parts = node[combination]
  if (combination === 'not') return { not: parseNode(parts, `${path}.not`, depth + 1, parser) }
  if (!Array.isArray(parts) || parts.length === 0) {
    parser.fail(`${path}.${combination}`, 'Expected a list of at least one condition.')
    return nothing
  }
  const trees = parts.map((part, index) => parseNode(part, `${path}.${combination}[${index}]`, depth + 1, parser))
  return combination === 'and' ? { and: trees } : { or: trees }
}

function parseLeaf(node: Readonly<Record<string, unknown>>, path: string, parser: Parser): FilterLeaf {
  parser.leaves++
  refuseUnknown(node, ['dimension', 'operator', 'values'], path, parser)
  const { dimension, operator, values } = node
  if (typeof dimension !== 'string' || !Object.hasOwn(DIMENSIONS, dimension))
    parser.fail(`${path}.dimension`, unknownDimensionMessage(dimension))
  if (!FILTER_OPERATORS.some((known) => known === operator))
    parser.fail(`${path}.operator`, `Expected an operator: ${FILTER_OPERATORS.join(', ')}.`)
  if (operator === 'exists') {
    if (values !== undefined) parser.fail(`${path}.values`, 'exists takes no values.')
  } else if (!isValues(values))
    parser.fail(`${path}.values`, `Expected 1 to ${FILTER_LIMITS.values} values, each a text or a whole number.`)
  const leaf = { dimension: dimension as DimensionName, operator: operator as FilterLeaf['operator'] }
  return values === undefined ? leaf : { ...leaf, values: values as (string | number)[] }
}

function isValues(values: unknown): boolean {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.length <= FILTER_LIMITS.values &&
    values.every((each) => (typeof each === 'string' && each !== '') || Number.isSafeInteger(each))
  )
}

export function unknownDimensionMessage(name: unknown): string {
  return `Unknown dimension${typeof name === 'string' ? ` ${name.slice(0, 100)}` : ''}. Known dimensions: ${Object.keys(DIMENSIONS).join(', ')}.`
}

function refuseUnknown(node: object, known: readonly string[], path: string, parser: Parser): void {
  for (const name of Object.keys(node))
    if (!known.includes(name))
      parser.fail(`${path}.${name.slice(0, 100)}`, `Unknown field. Known fields here: ${known.join(', ')}.`)
}

/** The conditions of a tree, from left to right. */
function leavesOf(tree: FilterTree | undefined): readonly FilterLeaf[] {
  if (tree === undefined) return []
  if ('and' in tree) return tree.and.flatMap(leavesOf)
  if ('or' in tree) return tree.or.flatMap(leavesOf)
  return 'not' in tree ? leavesOf(tree.not) : [tree]
}

export function dimensionsOfFilter(tree: FilterTree | undefined): ReadonlySet<DimensionName> {
  return new Set(leavesOf(tree).map(({ dimension }) => dimension))
}

/** The SQL of a dimension in some table. */
export interface FilterColumn {
  /** A text or a number; a missing value is null or the empty text. */
  readonly sql: string
  /** The condition that a row has a value. */
  readonly existsSql: string
  /** The condition on a leaf where it cannot be written over a column. `values` is the placeholder of its values. */
  readonly leafSql?: (leaf: FilterLeaf, values: string) => string
}

export const nullableColumn = (sql: string): FilterColumn => ({ sql, existsSql: `${sql} IS NOT NULL` })
/** A column with the empty text for a missing value. */
export const textColumn = (sql: string): FilterColumn => ({ sql, existsSql: `${sql} != ''` })
/** A value that every row has. */
export const presentColumn = (sql: string): FilterColumn => ({ sql, existsSql: '1' })

/** A tree as one condition in parentheses, over the columns that `columnOf` gives. The parameters are those of `filterParameters` with the same name; a query with several trees names each. */
export function treeSql(
  tree: FilterTree,
  columnOf: (dimension: DimensionName) => FilterColumn,
  name = 'filter',
): string {
  let leaves = 0
  const sqlOf = (node: FilterTree): string => {
    if ('and' in node) return `(${node.and.map(sqlOf).join(' AND ')})`
    if ('or' in node) return `(${node.or.map(sqlOf).join(' OR ')})`
    if ('not' in node) return `(NOT ${sqlOf(node.not)})`
    return leafSql(node, `{${name}${leaves++}:Array(String)}`, columnOf(node.dimension))
  }
  return sqlOf(tree)
}

function leafSql(leaf: FilterLeaf, values: string, column: FilterColumn): string {
  const positive =
    column.leafSql?.(leaf, values) ??
    (leaf.operator === 'exists' ? column.existsSql : `${column.existsSql} AND toString(${column.sql}) IN ${values}`)
  // A comparison with null is null, and so would be its negation.
  const known = `ifNull((${positive}), 0)`
  return leaf.operator === 'notIn' ? `(NOT ${known})` : `(${known})`
}

/** The values of the placeholders of `treeSql`. */
export function filterParameters(
  tree: FilterTree | undefined,
  name = 'filter',
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    leavesOf(tree).flatMap(({ dimension, values }, index) =>
      values === undefined ? [] : [[`${name}${index}`, values.map((value) => valueText(dimension, value))]],
    ),
  )
}

/** A value as the text of its column: weekdays are numbered there. */
export function valueText(dimension: DimensionName, value: string | number): string {
  return dimension === 'dayOfWeek' ? String(WEEKDAYS.findIndex((name) => name === value)) : String(value)
}

/**
 * A number with one bit per value of a dimension: whether a row would pass the tree if it had that value. It is for values that are known only after the row was read. Bit 0
 * stands for the first of `values`.
 */
export function passesSql(
  tree: FilterTree | undefined,
  dimension: DimensionName,
  values: readonly string[],
  columnOf: (dimension: DimensionName) => FilterColumn,
  name = 'filter',
): string {
  if (tree === undefined) return String(2 ** values.length - 1)
  const bits = values.map((value, bit) => {
    const constant = value === '' ? { sql: "''", existsSql: '0' } : presentColumn(`'${value}'`)
    const sql = treeSql(tree, (each) => (each === dimension ? constant : columnOf(each)), name)
    return `${sql} * ${2 ** bit}`
  })
  return `toUInt32(${bits.join(' + ')})`
}

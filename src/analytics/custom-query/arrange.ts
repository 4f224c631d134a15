/** Arranges the groups of a query into rows: which of them are rows, their order, and the page that is answered. */
import type { DimensionName } from '../dimensions.ts'
import type { KeyValue } from '../filter/dimension-columns.ts'
import type { MetricValues } from './reading/groups.ts'
import type { QueryMetricName } from './metric-sources.ts'

export interface QueryRow {
  readonly keys: readonly KeyValue[]
  readonly bucket: number | undefined
  readonly values: MetricValues
}

export const HAVING_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq'] as const

export interface HavingCondition {
  readonly metric: QueryMetricName
  readonly operator: (typeof HAVING_OPERATORS)[number]
  readonly value: number
}

export interface QueryOrder {
  /** A metric, a dimension or `timestamp`. */
  readonly by: QueryMetricName | DimensionName | 'timestamp'
  readonly direction: 'asc' | 'desc'
}

/** What orders the rows: the values of the order, then those of the keys. */
export type RowPosition = readonly KeyValue[]

export interface Arrangement {
  readonly dimensions: readonly DimensionName[]
  readonly hasTime: boolean
  readonly having: readonly HavingCondition[]
  readonly orderBy: readonly QueryOrder[]
}

const CONDITIONS: Readonly<Record<HavingCondition['operator'], (value: number, limit: number) => boolean>> = {
  gt: (value, limit) => value > limit,
  gte: (value, limit) => value >= limit,
  lt: (value, limit) => value < limit,
  lte: (value, limit) => value <= limit,
  eq: (value, limit) => value === limit,
}

/** A row without any number is none, but for series that have every bucket. */
export function hasValue({ values }: QueryRow): boolean {
  return Object.values(values).some((value) => value !== 0 && value !== null)
}

/** The rows that meet all conditions, in order: missing values last, equal rows by their keys. */
export function arrangeRows(rows: readonly QueryRow[], arrangement: Arrangement): readonly QueryRow[] {
  const kept = rows.filter(({ values }) =>
    arrangement.having.every(({ metric, operator, value }) => {
      const found = values[metric]
      return typeof found === 'number' && CONDITIONS[operator](found, value)
    }),
  )
  return kept
    .map((row) => ({ row, position: positionOf(row, arrangement) }))
    .sort((a, b) => comparePositions(a.position, b.position, arrangement))
    .map(({ row }) => row)
}

/** The page after a position; from the first row without one. */
export function pageOf(
  rows: readonly QueryRow[],
  arrangement: Arrangement,
  { after, limit }: { readonly after: RowPosition | undefined; readonly limit: number },
): { readonly page: readonly QueryRow[]; readonly next: RowPosition | undefined } {
  const rest = after
    ? rows.filter((row) => comparePositions(positionOf(row, arrangement), after, arrangement) > 0)
    : rows
  const page = rest.slice(0, limit)
  return { page, next: rest.length > limit ? positionOf(page.at(-1)!, arrangement) : undefined }
}

function positionOf({ keys, bucket, values }: QueryRow, arrangement: Arrangement): RowPosition {
  const { dimensions, orderBy, hasTime } = arrangement
  const valueOf = ({ by }: QueryOrder): KeyValue => {
    if (by === 'timestamp') return bucket ?? null
    const dimension = (dimensions as readonly string[]).indexOf(by)
    return dimension === -1 ? (values[by] ?? null) : keys[dimension]!
  }
  return [...orderBy.map(valueOf), ...keys, ...(hasTime ? [bucket ?? null] : [])]
}

function comparePositions(a: RowPosition, b: RowPosition, { orderBy }: Arrangement): number {
  for (let index = 0; index < a.length; index++) {
    const order = compareValues(a[index]!, b[index]!, orderBy[index]?.direction === 'desc')
    if (order !== 0) return order
  }
  return 0
}

function compareValues(a: KeyValue, b: KeyValue, isDescending: boolean): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b === isDescending ? 1 : -1
}

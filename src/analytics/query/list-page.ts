/**
 * Pages of a list that is ordered by numbers, and by id where they are equal. A page starts after the position of the last item of the previous page. If a page started
 * after a number of items instead, each item that moves in the meantime would make another item appear twice or not at all.
 */
import { Type, type TObject, type TOptional, type TProperties, type TString } from '@sinclair/typebox'
import { invalidParameter } from '../../base/errors.ts'
import { object } from '../schemas.ts'

const DEFAULT_LIMIT = 10
/** More rows than the store returns. A result that is too large is an error; it is never truncated. */
export const UNLIMITED = 4_000_000_000
/** In code points. A position contains only the beginning of a longer id, so that it fits into a URL. */
const MAX_ID_HEAD = 200

/** A position between two items of a list. */
export interface ListPosition {
  /** The numbers by which the item before the position is ordered. */
  readonly order: readonly number[]
  /** The beginning of the id of that item, usually the whole id. */
  readonly idHead: string
  /** The number of items with the same order and a longer id with the same beginning that are already listed. 0 unless the head is shorter than the id. */
  readonly skipped: number
}

/** The requested page of a dashboard's lists. */
export interface PageRequest {
  /** The number of items per list. */
  readonly limit?: number | undefined
  /** The positions after which the lists continue; undefined for the first page. */
  readonly after?: readonly ListPosition[] | undefined
  /** Encodes the positions at which the lists of this page end, for the request of the next page. */
  readonly encodeCursor?: ((positions: readonly ListPosition[]) => Promise<string>) | undefined
}

/** The query of one list. */
export interface ListQuery {
  readonly limit: number
  readonly after: ListPosition | undefined
  /** The condition for rows after the position; empty for the first page. */
  readonly afterSql: string
  readonly parameters: Readonly<Record<string, string | number>>
  /** The number of rows to read: those to skip, those of the page, and one more to find out whether there is a next page. */
  readonly rows: number
}

/** The order of a list: expressions of whole numbers from 0, each with its direction, then the id, ascending. */
export interface ListOrder {
  readonly columns: readonly (readonly [sql: string, direction: 'ASC' | 'DESC'])[]
  readonly idSql: string
}

/** The query of the list with this index. Throws a VALIDATION_ERROR when the position does not belong to such a list. */
export function listQuery(
  { limit = DEFAULT_LIMIT, after: positions }: PageRequest,
  { columns, idSql }: ListOrder,
  index = 0,
): ListQuery {
  const after = positions?.[index]
  if (positions && after?.order.length !== columns.length) throw invalidCursor()
  const rows = Math.min(UNLIMITED, limit + (after?.skipped ?? 0) + 1)
  if (!after) return { limit, after, afterSql: '', parameters: {}, rows }
  const [id, ...names] = ['Id', ...columns.keys()].map((name) => `after${index}_${name}`)
  const afterSql = columns.reduceRight((nextCondition, [sql, direction], place) => {
    const value = `{${names[place]!}:UInt64}`
    return `(${sql} ${direction === 'ASC' ? '>' : '<'} ${value} OR (${sql} = ${value} AND ${nextCondition}))`
  }, `${idSql} > {${id!}:String}`)
  const values = after.order.map((value, place) => [names[place]!, value] as const)
  return { limit, after, afterSql, parameters: { ...Object.fromEntries(values), [id!]: after.idHead }, rows }
}

/** The values that decide the position of a row in its list. */
interface SortKey {
  readonly order: readonly number[]
  readonly id: string
}

/** The end of a list's page, and whether the list continues after it. */
interface PageEnd {
  readonly hasMore: boolean
  /** Undefined for a list without items. */
  readonly position: ListPosition | undefined
}

/** The items and the end of a page, from the rows of its query. */
export function cutPage<Row>(
  rows: readonly Row[],
  { limit, after }: ListQuery,
  sortKeyOf: (row: Row) => SortKey,
): { readonly items: readonly Row[]; readonly end: PageEnd } {
  const skipped = after?.skipped ?? 0
  const items = rows.slice(skipped, skipped + limit)
  const position = items.length === 0 ? after : endPosition(items.map(sortKeyOf), after)
  return { items, end: { position, hasMore: rows.length > skipped + limit } }
}

function endPosition(items: readonly SortKey[], before: ListPosition | undefined): ListPosition {
  const { order, id } = items.at(-1)!
  const idHead = idHeadOf(id)
  if (idHead === id) return { order, idHead, skipped: 0 }
  const hasSamePosition = (item: SortKey) =>
    item.id !== idHead && idHeadOf(item.id) === idHead && isSameOrder(item.order, order)
  let skipped = items.length - 1 - items.findLastIndex((item) => !hasSamePosition(item))
  if (skipped === items.length && before?.idHead === idHead && isSameOrder(before.order, order))
    skipped += before.skipped
  return { order, idHead, skipped }
}

function isSameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, index) => value === b[index])
}

function idHeadOf(id: string): string {
  if (id.length <= MAX_ID_HEAD) return id
  // A code point has at most two units. All heads of longer ids have the same number of code points, so that no other id lies between a head and the ids that begin with it.
  return Array.from(id.slice(0, 2 * MAX_ID_HEAD))
    .slice(0, MAX_ID_HEAD)
    .join('')
}

/** The field `nextCursor` of a page; no field where no list continues. */
export async function nextCursor(
  { encodeCursor }: PageRequest,
  ends: readonly PageEnd[],
): Promise<{ nextCursor?: string }> {
  if (!encodeCursor || ends.every(({ hasMore }) => !hasMore)) return {}
  return { nextCursor: await encodeCursor(ends.flatMap(({ position }) => position ?? [])) }
}

/** The schema of a page: a dashboard's tables, and the cursor of the next page. */
export function withNextCursor<Properties extends TProperties>(
  data: TObject<Properties>,
): TObject<Properties & { nextCursor: TOptional<TString> }> {
  const nextCursorSchema = Type.Optional(
    Type.String({
      description: 'The `cursor` of the next page of the lists. Absent on the last page.',
    }),
  )
  const page: unknown = object({ ...data.properties, nextCursor: nextCursorSchema }, data.description ?? '', data.title)
  return page as TObject<Properties & { nextCursor: TOptional<TString> }>
}

export function invalidCursor() {
  return invalidParameter('cursor', 'Expected the `nextCursor` of a response to the same query of the same tenant.')
}

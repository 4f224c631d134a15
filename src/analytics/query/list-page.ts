/**
 * Pages of a list that is ordered by numbers, and by id where they are equal. A page begins behind the place of the last item of the one before. With a number of items to
 * skip instead, every item that moves meanwhile would shift all pages behind it: one item would be listed twice, or left out, for each that moved.
 */
import { Type, type TObject, type TOptional, type TProperties, type TString } from '@sinclair/typebox'
import { invalidParameter } from '../../base/errors.ts'
import { object } from '../schemas.ts'

const DEFAULT_LIMIT = 10
/** More than the store returns: it refuses a result that is too large, and does not truncate it. */
export const UNLIMITED = 4_000_000_000
/** Of ids that are longer a position holds the beginning, so that it fits into an address. In code points. */
const MAX_ID_HEAD = 200

/** A place between two items of a list. */
export interface ListPosition {
  /** The numbers by which the item before it is ordered. */
  readonly order: readonly number[]
  /** The beginning of its id, as a rule all of it. */
  readonly idHead: string
  /** How many items with the same order and a longer id of the same beginning are already listed. 0 unless the head is shorter than the id. */
  readonly skipped: number
}

/** What is wanted of a dashboard's lists. */
export interface PageRequest {
  /** Items a list. */
  readonly limit?: number | undefined
  /** Where each list goes on; undefined at the beginning. */
  readonly after?: readonly ListPosition[] | undefined
  /** Writes down where each list ends, for who asks for the next page. */
  readonly encodeCursor?: ((positions: readonly ListPosition[]) => Promise<string>) | undefined
}

/** One list of a dashboard, as it is asked of the store. */
export interface ListQuery {
  readonly limit: number
  readonly after: ListPosition | undefined
  /** The condition for rows behind the place; empty at the beginning, where all rows are. */
  readonly afterSql: string
  readonly parameters: Readonly<Record<string, string | number>>
  /** How many rows to read: those to skip, the page, and one more that tells whether there is another page. */
  readonly rows: number
}

/** The order of a list: expressions of whole numbers from 0, each with its direction, then the id, ascending. */
export interface ListOrder {
  readonly columns: readonly (readonly [sql: string, direction: 'ASC' | 'DESC'])[]
  readonly idSql: string
}

/** The `index`th list of a page. Throws a VALIDATION_ERROR when the place is none of such a list. */
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

/** What decides where a row stands in its list. */
interface SortKey {
  readonly order: readonly number[]
  readonly id: string
}

/** Where a list's page ends, and whether something is behind it. */
interface PageEnd {
  readonly hasMore: boolean
  /** Undefined where there is no item at all. */
  readonly position: ListPosition | undefined
}

/** The items of a page and its end, of the rows that the store gave. */
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
  const hasSamePosition = (item: { readonly order: readonly number[]; readonly id: string }) =>
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
  // A code point is two units at most. All heads of longer ids have the same number of them, so that no other id lies between a head and the ids that begin with it.
  return Array.from(id.slice(0, 2 * MAX_ID_HEAD))
    .slice(0, MAX_ID_HEAD)
    .join('')
}

/** `nextCursor` of a page, as a part of the data; nothing where no list goes on. */
export async function nextCursor(
  { encodeCursor }: PageRequest,
  ends: readonly PageEnd[],
): Promise<{ nextCursor?: string }> {
  if (!encodeCursor || ends.every(({ hasMore }) => !hasMore)) return {}
  return { nextCursor: await encodeCursor(ends.flatMap(({ position }) => position ?? [])) }
}

/** The data of a page: a dashboard's tables, and the cursor of the next page. */
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

/**
 * Cursors of lists: opaque texts with the positions at which a page ended, the query they belong to, and the day on which the first page was requested, so that
 * `timeRange=7d` is the same range on every page. They are validated like any other parameter and are not secret: a forged cursor only gives another page of the tenant's
 * own lists.
 */
import { decodeOpaque, digestOf, encodeOpaque } from '../../base/bytes/opaque-text.ts'
import { invalidCursor, type ListPosition } from '../../analytics/query/list-page.ts'

/** The query that a list belongs to, without the page. */
export interface PagedQuery {
  readonly tenantId: string
  readonly dashboard: string
  readonly parameters: Readonly<Record<string, string | number | undefined>>
}

export interface PageCursor {
  /** The start of the local day of the first page, epoch milliseconds. It is not the instant of the request, because then no two responses would be equal. */
  readonly requestedOn: number
  readonly after: readonly ListPosition[]
}

const VERSION = 1
const MAX_SKIPPED = 1_000_000
/** The clocks of two processes may differ. */
const MAX_CLOCK_SKEW_MS = 3_600_000

type EncodedCursor = [
  version: number,
  query: string,
  requestedOn: number,
  ...lists: [order: number[], idHead: string, skipped: number][],
]

export async function encodeCursor(query: PagedQuery, { requestedOn, after }: PageCursor): Promise<string> {
  const lists = after.map(({ order, idHead, skipped }): EncodedCursor[3] => [[...order], idHead, skipped])
  const encoded: EncodedCursor = [VERSION, await queryDigestOf(query), requestedOn, ...lists]
  return encodeOpaque(encoded)
}

/** Throws a VALIDATION_ERROR when the text is not a cursor of this query. */
export async function decodeCursor(text: string, query: PagedQuery, now: number): Promise<PageCursor> {
  const encoded = decodeOpaque(text)
  if (!Array.isArray(encoded)) throw invalidCursor()
  const [version, digest, requestedOn, ...lists] = encoded as unknown[]
  if (version !== VERSION || digest !== (await queryDigestOf(query)) || !isCount(requestedOn, now + MAX_CLOCK_SKEW_MS))
    throw invalidCursor()
  return { requestedOn, after: lists.map(readPosition) }
}

function readPosition(list: unknown): ListPosition {
  if (!Array.isArray(list) || list.length !== 3) throw invalidCursor()
  const [order, idHead, skipped] = list as unknown[]
  if (!Array.isArray(order) || !order.every((value) => isCount(value))) throw invalidCursor()
  if (typeof idHead !== 'string' || !idHead.isWellFormed() || !isCount(skipped, MAX_SKIPPED)) throw invalidCursor()
  return { order, idHead, skipped }
}

function isCount(value: unknown, max = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max
}

/** A digest of the query. */
function queryDigestOf({ tenantId, dashboard, parameters }: PagedQuery): Promise<string> {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return digestOf([tenantId, dashboard, pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))])
}

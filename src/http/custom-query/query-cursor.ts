/**
 * Cursors of queries: opaque texts with the position of the last row of a page, the query that they belong to, and the day of the first page, so that a preset is the same
 * range on every page. They are not secret: a forged cursor only gives another page of the tenant's own rows.
 */
import { decodeOpaque, encodeOpaque } from '../../base/bytes/opaque-text.ts'
import { invalidParameter } from '../../base/errors.ts'
import type { RowPosition } from '../../analytics/custom-query/arrange.ts'

export interface QueryCursor {
  /** The start of the local day of the first page, epoch milliseconds. */
  readonly requestedOn: number
  readonly after: RowPosition
}

const VERSION = 1
/** The clocks of two processes may differ. */
const MAX_CLOCK_SKEW_MS = 3_600_000

/** `query` is a digest of the query. */
export function encodeQueryCursor(query: string, { requestedOn, after }: QueryCursor): string {
  return encodeOpaque([VERSION, query, requestedOn, after])
}

/** Throws a VALIDATION_ERROR when the text is not a cursor of this query. */
export function decodeQueryCursor(text: string, query: string, now: number): QueryCursor {
  const decoded = decodeOpaque(text)
  if (!Array.isArray(decoded) || decoded.length !== 4) throw invalidCursor()
  const [version, ofQuery, requestedOn, after] = decoded as unknown[]
  if (version !== VERSION || ofQuery !== query || !Number.isSafeInteger(requestedOn)) throw invalidCursor()
  if ((requestedOn as number) > now + MAX_CLOCK_SKEW_MS || !isPosition(after)) throw invalidCursor()
  return { requestedOn: requestedOn as number, after }
}

function isPosition(value: unknown): value is RowPosition {
  return (
    Array.isArray(value) && value.every((each) => each === null || typeof each === 'string' || typeof each === 'number')
  )
}

function invalidCursor() {
  return invalidParameter('cursor', 'Expected the `cursor` of a response to the same query of the same tenant.')
}

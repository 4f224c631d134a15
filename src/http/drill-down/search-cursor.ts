/**
 * Cursors of searches: opaque texts with the place at which a page ended, the query that they belong to, and the day on which the first page was requested, so that
 * `timeRange=7d` is the same range on every page. They are not secret: a forged cursor only gives another page of the tenant's own data.
 */
import { decodeOpaque, digestOf, encodeOpaque } from '../../base/bytes/opaque-text.ts'
import { invalidCursor } from '../../analytics/query/list-page.ts'

export interface SearchCursor {
  /** The start of the local day of the first page, epoch milliseconds. */
  readonly requestedOn: number
  /** The numbers and texts of the place. */
  readonly place: readonly (number | string)[]
}

const VERSION = 1

export async function encodeSearchCursor(query: object, { requestedOn, place }: SearchCursor): Promise<string> {
  return encodeOpaque([VERSION, await digestOf(sorted(query)), requestedOn, ...place])
}

/** Throws a VALIDATION_ERROR when the text is not a cursor of this query. `types` are those of the place. */
export async function decodeSearchCursor(
  text: string,
  query: object,
  types: readonly ('number' | 'string')[],
): Promise<SearchCursor> {
  const encoded = decodeOpaque(text)
  if (!Array.isArray(encoded)) throw invalidCursor()
  const [version, digest, requestedOn, ...place] = encoded as unknown[]
  if (version !== VERSION || digest !== (await digestOf(sorted(query))) || !isInstant(requestedOn))
    throw invalidCursor()
  const isPlace = place.length === types.length && place.every((each, index) => hasType(each, types[index]!))
  if (!isPlace) throw invalidCursor()
  return { requestedOn, place: place as (number | string)[] }
}

/** No event is later, and calculations with it stay exact. */
const LAST_INSTANT = 8_640_000_000_000_000

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LAST_INSTANT
}

function hasType(value: unknown, type: 'number' | 'string'): boolean {
  return type === 'number' ? isInstant(value) : typeof value === 'string' && value.isWellFormed()
}

/** The same query in one spelling, whatever the order of its fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return fields.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)])
}

/**
 * Reads the keys of stored rows into a filter, in portions: a portion bounds the memory and the disk that a query needs, and the time for which it competes with inserts.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import type { SavedFilter } from './stored-id-file.ts'
import type { StoredIdFilter } from './stored-id-filter.ts'
import { ALL_KEYS, type FilterSource, type StoredPart } from './filter-source.ts'

const HALF_BYTES = 8
/** Added without a break: about a millisecond of work. */
const STEP_BYTES = 4_096 * HALF_BYTES
/** About the number of ids in one query. */
const PORTION_ROWS = 4_000_000
/** The part of the filter that is left free for new ids when it is built. */
const RESERVE_FACTOR = 1.25
/** Reading more rows than this takes so long that lookups should not wait for it. */
const MAX_MISSING_ROWS = 10_000_000
/** Parts can be merged while they are read. */
const MAX_ATTEMPTS = 20

export interface Reading {
  readonly connection: EventWriter
  readonly source: FilterSource
  readonly filter: StoredIdFilter
  /** Ends the reading. */
  readonly isEnded: () => boolean
  /** About the number of ids in one query. */
  readonly portionRows?: number
}

/**
 * Adds all ids from `start` on that were stored before the call. After each portion it calls `onRead` with the end of the ids that were added; the last end is ALL_KEYS,
 * unless the reading was ended. Rejects with a StoreFailure, and when the engine orders ids in another way.
 */
export async function readIdRanges(reading: Reading, start: number, onRead: (end: number) => void): Promise<void> {
  const { connection, source, filter, isEnded, portionRows = PORTION_ROWS } = reading
  const [stored] = await connection.query<{ rows: number }>(source.countSql)
  const rows = stored?.rows ?? 0
  filter.reserve(rows * RESERVE_FACTOR)
  for (const end of endsOfRanges(source, rows, portionRows).filter((one) => one > start)) {
    const from = start
    const values = connection.readFixedWidth(source.rangeSql, source.rangeParameters(from, end), HALF_BYTES)
    const isRead = await addAll(reading, values, (halves) => requireRange(halves, from, end))
    if (!isRead || isEnded()) return
    onRead(end)
    start = end
  }
}

/** The ends of ranges with about `portionRows` keys each. Keys outside of the usual range are rare. */
function endsOfRanges({ first, end }: FilterSource, rows: number, portionRows: number): number[] {
  const count = Math.max(1, Math.ceil(rows / portionRows))
  if (count === 1) return [ALL_KEYS]
  const width = (end - first) / count
  const inside = Array.from({ length: count - 1 }, (_, index) => Math.round(first + (index + 1) * width))
  return [...new Set([first, ...inside, end, ALL_KEYS])]
}

/**
 * Adds the ids of all stored rows that are missing from a saved filter. Resolves with false when too many are missing, or when the reading was ended. Rows that this
 * process inserts after the call are left out where possible. Rejects with a StoreFailure.
 */
export async function readMissingParts(reading: Reading, saved: SavedFilter): Promise<boolean> {
  const known = new Set(saved.parts)
  let parts = await listParts(reading)
  const lastBlock = Math.max(0, ...parts.map((part) => part.last_block))
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const missing = parts.filter((part) => part.first_block <= lastBlock && !known.has(part.hash))
    if (missing.length === 0) return true
    if (rowsOf(missing) > MAX_MISSING_ROWS || reading.isEnded()) return false
    // A part whose rows were all returned existed during the whole query. Otherwise its successor is among the parts of the next attempt.
    if ((await readParts(reading, missing)) === rowsOf(missing)) for (const { hash } of missing) known.add(hash)
    parts = await listParts(reading)
  }
  return false
}

/** Whether a saved filter is worth loading: most stored rows are in it, and most of its ids are stored. */
export function isUseful(saved: SavedFilter, parts: readonly StoredPart[]): boolean {
  const missing = rowsOf(parts.filter(({ hash }) => !saved.parts.has(hash)))
  const known = rowsOf(parts) - missing
  return missing <= Math.min(known, MAX_MISSING_ROWS) && saved.filter.idCount <= known * 2
}

export function listParts({ connection, source }: Pick<Reading, 'connection' | 'source'>): Promise<StoredPart[]> {
  return connection.query<StoredPart>(source.partsSql)
}

export function rowsOf(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0)
}

/** The number of ids that were read. */
async function readParts(reading: Reading, parts: readonly StoredPart[]): Promise<number> {
  const end = Math.max(...parts.map(({ rows }) => rows))
  const width = Math.max(1, Math.floor(PORTION_ROWS / parts.length))
  let count = 0
  for (let from = 0; from < end; from += width) {
    const range = { parts: parts.map(({ name }) => name), from, to: Math.min(from + width, end) }
    const values = reading.connection.readFixedWidth(reading.source.partKeysSql, range, HALF_BYTES)
    if (!(await addAll(reading, values, (halves) => (count += halves.length / HALF_BYTES)))) break
  }
  return count
}

/** Resolves with false when the reading was ended before all values were added. */
async function addAll(
  { filter, isEnded }: Reading,
  values: AsyncIterable<Uint8Array>,
  check: (halves: Uint8Array) => void,
): Promise<boolean> {
  const slices = new TimeSlices()
  for await (const halves of values) {
    check(halves)
    for (let start = 0; start < halves.length; start += STEP_BYTES) {
      await slices.yieldIfExpired()
      filter.add(halves.subarray(start, start + STEP_BYTES), HALF_BYTES)
    }
    if (isEnded()) return false
  }
  return true
}

/** Ranges by another order than that of second halves would leave ids out. */
function requireRange(halves: Uint8Array, from: number, end: number): void {
  const view = new DataView(halves.buffer, halves.byteOffset, halves.byteLength)
  for (let at = HALF_BYTES / 2; at < view.byteLength; at += HALF_BYTES) {
    const high = view.getUint32(at, true)
    if (high < from || high >= end) throw new Error('The engine does not order keys as expected.')
  }
}

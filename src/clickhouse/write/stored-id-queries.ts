/**
 * The queries of the index of stored ids. An id belongs to one tenant, since it is derived from the tenant (events/identity.ts); the queries therefore need no condition on
 * the tenant, which would keep the engine from using the projection `by_id`.
 */
import { named } from '../connection/named-statement.ts'
import { type FilterSource, sourceStatements } from '../filter/filter-source.ts'

/** The range of the primary key that a block of rows occupies. */
export interface BlockRange {
  readonly tenants: readonly string[]
  readonly types: readonly string[]
  /** The times of the earliest and the latest event, in epoch milliseconds. */
  readonly from: number
  readonly to: number
}

/** The ids in a text of hexadecimal digits, 16 bytes each in the layout of the engine. One literal is parsed much faster than one per id. */
const GIVEN_IDS = `(SELECT reinterpret(substring(unhex({ids:String}), number * 16 + 1, 16), 'UUID') FROM numbers({count:UInt32}))`

/** Reads the projection `by_id` of the parts that have it, and all ids of the others. */
export const FIND_IDS = named(
  'find_stored_ids',
  `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE id IN ${GIVEN_IDS}`,
)

/** Finds repeated events, whose rows have the times of the block. */
export const FIND_IDS_IN_RANGE = named(
  'find_stored_ids_in_range',
  `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND event_type IN {types:Array(String)}
    AND occurred_at BETWEEN fromUnixTimestamp64Milli({from:Int64}) AND fromUnixTimestamp64Milli({to:Int64}) AND id IN ${GIVEN_IDS}`,
)

/** The ids of the stored events. The engine orders ids by their second halves; it reads the projection `by_id` of the parts that have it. */
export const STORED_IDS: FilterSource = {
  keyBytes: 16,
  file: 'ids',
  // The second halves of UUIDs of the usual variant.
  first: 0x80000000,
  end: 0xc0000000,
  ...sourceStatements(
    'analytics_events',
    'stored_ids',
    'toUInt64(bitShiftRight(reinterpretAsUInt128(id), 64))',
    'id >= toUUID({from:String}) AND id <= toUUID({to:String})',
  ),
  rangeParameters: (from, end) => ({ from: uuidOf('0', from, '0'), to: uuidOf('f', end - 1, 'f') }),
}

/** The UUID with this digit except for the first 32 bits of its second half. */
function uuidOf(firstHalf: string, high: number, rest: string): string {
  const half = firstHalf.repeat(4)
  const second = high.toString(16).padStart(8, '0')
  return `${half}${half}-${half}-${half}-${second.slice(0, 4)}-${second.slice(4)}${rest.repeat(8)}`
}

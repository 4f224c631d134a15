/**
 * The queries of the index of stored ids. An id belongs to one tenant, since it is derived from the tenant (events/identity.ts); the queries therefore need no condition on
 * the tenant, which would keep the engine from using the projection `by_id`.
 */
import { EVENT_COLUMNS } from '../../events/columns.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import { type FilterSource, sourceStatements } from '../filter/filter-source.ts'
import { selectList } from './column-formats.ts'

/** The primary keys of events, without their ids, as parameters of queries. */
export interface GivenKeys {
  readonly tenants: readonly string[]
  readonly types: readonly string[]
  /** Hexadecimal digits of 16 bytes per event, little-endian: its positions in `tenants` and in `types`, from 1 and 4 bytes each, and its epoch milliseconds. */
  readonly keys: string
}

/** The ids in a text of hexadecimal digits, 16 bytes each in the layout of the engine. One literal is parsed much faster than one per id. */
const GIVEN_IDS = `(SELECT reinterpret(substring(unhex({ids:String}), number * 16 + 1, 16), 'UUID') FROM numbers({count:UInt32}))`

const GIVEN_KEYS = `(
    WITH unhex({keys:String}) AS given
    SELECT
      {tenants:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 1, 4))],
      {types:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 5, 4))],
      fromUnixTimestamp64Milli(reinterpretAsInt64(substring(given, number * 16 + 9, 8)))
    FROM numbers({count:UInt32}))`

/**
 * The hint selects the granules that can contain these keys. It is not evaluated per row, which would take longer than reading the row: other rows with the given ids in
 * these granules are found too.
 */
const AT_GIVEN_KEYS = `indexHint((events.tenant_id, events.event_type, events.occurred_at) IN ${GIVEN_KEYS}) AND events.id IN ${GIVEN_IDS}`

/** Reads the projection `by_id` of the parts that have it, and all ids of the others. */
export const FIND_IDS = named(
  'find_stored_ids',
  `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE id IN ${GIVEN_IDS}`,
)

/** Finds the events that are stored with their primary keys: repeated events. It reads at most one granule per part and event, and one of many events of about the same time. */
export const FIND_IDS_AT_KEYS = named(
  'find_stored_ids_at_keys',
  `
  SELECT DISTINCT toString(events.id) AS stored_id
  FROM analytics_events AS events
  WHERE ${AT_GIVEN_KEYS}`,
)

/** The rows of these events, if they are stored with their primary keys. */
// The conditions name the table, since `id` alone would refer to the selected text of that name.
export const FIND_ROWS_AT_KEYS = named(
  'find_stored_rows_at_keys',
  `
  SELECT ${selectList(EVENT_COLUMNS)}
  FROM analytics_events AS events
  WHERE events.tenant_id IN {tenants:Array(String)} AND ${AT_GIVEN_KEYS}`,
  UNQUOTED_INTEGERS,
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

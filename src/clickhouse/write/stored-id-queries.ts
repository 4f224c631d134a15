/**
 * The queries of the index of stored ids. An id belongs to one tenant, since it is derived from the tenant (events/identity.ts); the queries therefore need no condition on
 * the tenant, which would keep the engine from using the projection `by_id`.
 */
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'

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

/** The months with rows; the engine answers it from the metadata of the parts. */
export const LIST_MONTHS = named(
  'list_months',
  `
  SELECT toYYYYMM(occurred_at) AS month, count() AS rows
  FROM analytics_events GROUP BY month ORDER BY month`,
  UNQUOTED_INTEGERS,
)

/** The second halves of the ids of a month. One thread, since inserts and dashboards go on meanwhile. */
export const READ_ID_HALVES = named(
  'read_id_halves',
  `
  SELECT toUInt64(bitShiftRight(reinterpretAsUInt128(id), 64))
  FROM analytics_events WHERE toYYYYMM(occurred_at) = {month:UInt32}`,
  'max_threads = 1',
)

/** Questions about which events a tenant has at all. Each query ends at the first row that it finds; where it finds none, the order of the table leaves few rows to read. */
import type { TimeRange } from '../time/time-range.ts'
import { QUARTER_HOUR_ROLL_UP } from './roll-up.ts'
import { type QueryPort, tenantQuery } from './tenant-query.ts'

/** Small blocks and one thread: otherwise several thousand rows of each part are read for the first one, which takes twice as long. */
const FIRST_ROW_SETTINGS =
  'optimize_use_projections = 0, optimize_move_to_prewhere = 0, max_block_size = 64, max_threads = 1'

const EVENT_UNTIL_SQL = `
  SELECT 1 AS found
  FROM analytics_events WHERE tenant_id = {tenant:String} AND occurred_at <= fromUnixTimestamp64Milli({instant:Int64})
  LIMIT 1
  SETTINGS ${FIRST_ROW_SETTINGS}`

const EVENT_IN_SQL = `
  SELECT 1 AS found
  FROM analytics_events WHERE tenant_id = {tenant:String} AND occurred_at >= fromUnixTimestamp64Milli({start:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({end:Int64})
  LIMIT 1
  SETTINGS ${FIRST_ROW_SETTINGS}`

const { stepSql, projection } = QUARTER_HOUR_ROLL_UP
const FIRST_STEP_SQL = `
  SELECT toInt64(toUnixTimestamp(${stepSql})) * 1000 AS start
  FROM analytics_events WHERE tenant_id = {tenant:String}
  GROUP BY ${stepSql}
  ORDER BY start LIMIT 1
  SETTINGS preferred_optimize_projection_name = '${projection}'`

/** The start of the quarter of an hour, in UTC, with the first event of the tenant; undefined without an event. */
export async function firstQuarterHour(port: QueryPort, tenantId: string): Promise<number | undefined> {
  const query = tenantQuery<{ start: number }>('first_quarter_hour', FIRST_STEP_SQL, {})
  return (await port.query(tenantId, query))[0]?.start
}

/** Whether the tenant has an event at the instant or before. */
export async function hasEventUntil(port: QueryPort, tenantId: string, instant: number): Promise<boolean> {
  const query = tenantQuery<{ found: number }>('first_event', EVENT_UNTIL_SQL, { instant })
  return (await port.query(tenantId, query)).length > 0
}

/** Whether the tenant has an event in the range. */
export async function hasEventIn(port: QueryPort, tenantId: string, { start, end }: TimeRange): Promise<boolean> {
  const query = tenantQuery<{ found: number }>('later_events', EVENT_IN_SQL, { start, end })
  return (await port.query(tenantId, query)).length > 0
}

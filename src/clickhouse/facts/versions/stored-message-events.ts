/**
 * Reads the stored events of messages in slices of a bounded number of events: months in their order, tenants in their order, and the time of tenants with many events. All
 * conditions follow the order of the events table, so that each event is read once.
 */
import { EVENT_COLUMNS } from '../../../events/columns.ts'
import type { EventRow } from '../../../events/event-row.ts'
import { MESSAGE_EVENT_TYPES } from '../../../messages/message-event.ts'
import { named, UNQUOTED_INTEGERS } from '../../connection/named-statement.ts'
import type { StoreConnection } from '../../connection/store-connection.ts'
import { selectList } from '../../write/column-formats.ts'
import { type QueryParameters, quoteText } from '../../connection/sql-literals.ts'

/** About the number of events in a slice: a few megabytes, and a write that delays ingestion by about a tenth of a second. */
const SLICE_EVENTS = 5_000
const TYPES = MESSAGE_EVENT_TYPES.map(quoteText).join(', ')
/** One thread, since inserts and dashboards go on meanwhile. */
const SETTINGS = `max_threads = 1, ${UNQUOTED_INTEGERS}`

export interface StoredMessageEvents {
  /** Has no default database. */
  readonly connection: StoreConnection
  readonly database: string
  /** The tenants to read; undefined = all. */
  readonly tenants: readonly string[] | undefined
  /** Leaves out events that were stored before this instant, epoch milliseconds. */
  readonly storedSince?: number | undefined
  /** About the number of events in a slice. */
  readonly sliceEvents?: number | undefined
}

/** Everything before it was read: earlier months, and of its month earlier tenants, and of its tenant the time before `until` (epoch seconds; null = all). */
export interface Position {
  readonly month: number
  readonly tenant: string
  readonly until: number | null
}

export interface Slice {
  readonly rows: EventRow[]
  /** The position after this slice. */
  readonly position: Position
}

const START: Position = { month: 0, tenant: '', until: null }

/** The slices after a position. Each is read when it is asked for. Rejects with a StoreFailure. */
export async function* readSlices(source: StoredMessageEvents, from: Position = START): AsyncGenerator<Slice> {
  for (const { month } of await source.connection.query<{ month: number }>(MONTHS, parametersOf(source))) {
    if (month < from.month) continue
    yield* readMonth(source, month, month === from.month ? from : { ...START, month })
  }
}

/** The number of stored events by tenant. Rejects with a StoreFailure. */
export async function countByTenant(
  source: Omit<StoredMessageEvents, 'tenants'>,
): Promise<ReadonlyMap<string, number>> {
  const all = { ...source, tenants: undefined }
  const rows = await source.connection.query<TenantCount>(COUNT_BY_TENANT, parametersOf(all))
  return new Map(rows.map(({ tenant, events }) => [tenant, events]))
}

interface TenantCount {
  readonly tenant: string
  readonly events: number
}

const SELECTED = `FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN (${TYPES})
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64}))`
const OF_MONTH = 'toYYYYMM(events.occurred_at) = {month:UInt32}'

const MONTHS = named(
  'list_months_of_message_events',
  `SELECT DISTINCT toYYYYMM(events.occurred_at) AS month ${SELECTED} ORDER BY month`,
  SETTINGS,
)
const COUNT_BY_TENANT = named(
  'count_message_events',
  `SELECT events.tenant_id AS tenant, count() AS events ${SELECTED} GROUP BY tenant`,
  SETTINGS,
)
const COUNT_MONTH = named(
  'count_message_events_of_month',
  `
  SELECT events.tenant_id AS tenant, count() AS events ${SELECTED} AND ${OF_MONTH} AND events.tenant_id >= {tenant:String}
  GROUP BY tenant ORDER BY tenant`,
  SETTINGS,
)
const QUARTER_HOUR = "toInt64(toUnixTimestamp(toStartOfInterval(events.occurred_at, INTERVAL 15 MINUTE, 'UTC')))"
const COUNT_QUARTER_HOURS = named(
  'count_message_events_of_tenant',
  `
  SELECT ${QUARTER_HOUR} AS start, count() AS events ${SELECTED} AND ${OF_MONTH} AND ${QUARTER_HOUR} >= {from:Int64}
  GROUP BY start ORDER BY start`,
  SETTINGS,
)
const COLUMNS = selectList(EVENT_COLUMNS)
const READ_TENANTS = named('read_message_events', `SELECT ${COLUMNS} ${SELECTED} AND ${OF_MONTH}`, SETTINGS)
const READ_TIME = named(
  'read_message_events_of_tenant',
  `
  SELECT ${COLUMNS} ${SELECTED} AND ${OF_MONTH}
    AND events.occurred_at >= fromUnixTimestamp64Milli({from:Int64} * 1000) AND events.occurred_at < fromUnixTimestamp64Milli({to:Int64} * 1000)
    AND cityHash64(events.entity_id) % {parts:UInt32} = {part:UInt32}`,
  SETTINGS,
)

function parametersOf({ database, tenants, storedSince = 0 }: StoredMessageEvents): QueryParameters {
  return { database, areAll: tenants === undefined ? 1 : 0, tenants: tenants ?? [], since: Math.max(0, storedSince) }
}

async function* readMonth(source: StoredMessageEvents, month: number, from: Position): AsyncGenerator<Slice> {
  const { connection, sliceEvents = SLICE_EVENTS } = source
  const counted = await connection.query<TenantCount>(COUNT_MONTH, {
    ...parametersOf(source),
    month,
    tenant: from.tenant,
  })
  const isRead = ({ tenant }: TenantCount) => tenant === from.tenant && from.until === null
  let group: string[] = []
  let groupEvents = 0
  for (const { tenant, events } of counted.filter((one) => !isRead(one))) {
    const isLarge = events > sliceEvents
    if (group.length > 0 && (isLarge || groupEvents + events > sliceEvents)) {
      yield readTenants(source, month, group)
      group = []
      groupEvents = 0
    }
    if (isLarge) yield* readTenant(source, month, tenant, tenant === from.tenant ? from.until : null)
    else {
      group.push(tenant)
      groupEvents += events
    }
  }
  if (group.length > 0) yield readTenants(source, month, group)
}

async function readTenants(source: StoredMessageEvents, month: number, tenants: readonly string[]): Promise<Slice> {
  const parameters = { ...parametersOf({ ...source, tenants }), month }
  return {
    rows: await source.connection.query<EventRow>(READ_TENANTS, parameters),
    position: { month, tenant: tenants.at(-1)!, until: null },
  }
}

const QUARTER_HOUR_SECONDS = 900
/** Before every stored event, in epoch seconds. */
const FIRST_SECOND = -8_000_000_000

async function* readTenant(
  source: StoredMessageEvents,
  month: number,
  tenant: string,
  until: number | null,
): AsyncGenerator<Slice> {
  const { connection, sliceEvents = SLICE_EVENTS } = source
  const parameters = { ...parametersOf({ ...source, tenants: [tenant] }), month }
  const quarterHours = await connection.query<{ start: number; events: number }>(COUNT_QUARTER_HOURS, {
    ...parameters,
    from: until ?? FIRST_SECOND,
  })
  for (let index = 0; index < quarterHours.length;) {
    const from = quarterHours[index]!.start
    let events = quarterHours[index]!.events
    for (index++; index < quarterHours.length; index++) {
      if (events + quarterHours[index]!.events > sliceEvents) break
      events += quarterHours[index]!.events
    }
    const to = quarterHours[index - 1]!.start + QUARTER_HOUR_SECONDS
    const parts = Math.ceil(events / sliceEvents)
    for (let part = 0; part < parts; part++)
      yield {
        rows: await connection.query<EventRow>(READ_TIME, { ...parameters, from, to, parts, part }),
        position: { month, tenant, until: part === parts - 1 ? to : from },
      }
  }
}

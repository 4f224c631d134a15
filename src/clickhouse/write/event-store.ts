/**
 * The EventStore in ClickHouse: writes rows and names as blocks, and finds stored events by their ids.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import { TimeZone } from '../../base/time-zone.ts'
import { EVENT_COLUMNS } from '../../events/columns.ts'
import type { EventRow, NameObservation } from '../../events/event-row.ts'
import type { EventStore } from '../../ingest/ports.ts'
import { named } from '../connection/named-statement.ts'
import type { Store } from '../connection/store-connection.ts'
import { type BlockColumn, columnOfValues, columnsOf } from './column-formats.ts'
import { ErasedContacts } from './erased-contacts.ts'
import { findStoredRows } from './find-stored-rows.ts'
import { encodeBlock } from './native-block.ts'
import { SurrogateIds } from './surrogate-ids.ts'

/** The number of ids in one query. A query reads the ids of all rows of their tenants, so it covers a whole block of the writer. */
const MAX_LOOKUP_IDS = 25_000

const EVENT_BLOCK = columnsOf(EVENT_COLUMNS)

const NAMES_TARGET = {
  table: 'analytics_names',
  columns: [
    ...columnsOf([
      { name: 'tenant_id', type: 'String' },
      { name: 'kind', type: 'LowCardinality(String)' },
      { name: 'id', type: 'String' },
    ]),
    {
      name: 'latest',
      type: 'SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))',
      write: (writer, names) => {
        for (const { occurred_at } of names) writer.int64(occurred_at)
        for (const { name } of names) writer.text(name)
      },
    },
  ] satisfies readonly BlockColumn<NameObservation>[],
}

const FIND_STORED_IDS = named(
  'find_stored_ids',
  `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND id IN {ids:Array(UUID)}`,
)

const READ_TIME_ZONE = named('read_time_zone', 'SELECT serverTimezone() AS name')

export interface EventStoreOptions {
  /** The writer name; by default that of the store. */
  readonly writerName?: string
  readonly clock?: Clock
  readonly yielder?: EventLoopYielder
}

export function createEventStore(
  store: Store,
  { writerName, clock = systemClock, yielder }: EventStoreOptions = {},
): EventStore {
  const writer = store.openWriter(writerName)
  const erasures = new ErasedContacts(writer, clock)
  const surrogateIds = new SurrogateIds(writer, yielder)
  const fence = async () => {
    surrogateIds.forgetHighest()
    await writer.fence()
  }
  let zone = new TimeZone('UTC')
  const findStoredIds: EventStore['findStoredIds'] = async (rows) => {
    await erasures.refresh()
    const stored = new Set<string>()
    // Events of erased contacts count as stored, so that they are not stored again.
    for (const row of rows) if (erasures.isErased(row)) stored.add(row.id)
    for (let start = 0; start < rows.length; start += MAX_LOOKUP_IDS) {
      const slice = rows.slice(start, start + MAX_LOOKUP_IDS)
      // In a block the rows of a tenant are consecutive: a set would cost more than an occasional repetition.
      const tenants: string[] = []
      for (const { tenant_id } of slice) if (tenant_id !== tenants.at(-1)) tenants.push(tenant_id)
      const found = await writer.query<{ stored_id: string }>(FIND_STORED_IDS, {
        tenants,
        ids: slice.map((row) => row.id),
      })
      for (const { stored_id } of found) stored.add(stored_id)
    }
    return stored
  }
  /** When one shard rejects a block, other shards may have stored their part of it. The rest then has to be retried, so the failure is not `rejected`. */
  const toInsertFailure = async (error: unknown, rows: readonly EventRow[]) => {
    const isRejected = error instanceof StoreFailure && error.kind === 'rejected'
    if (!isRejected || writer.topology.cluster === undefined) return error
    await fence()
    if ((await findStoredIds(rows)).size === 0) return error
    return new StoreFailure('unavailable', 'One shard rejected its part of a block that other shards stored.')
  }
  return {
    async open() {
      // Inserts of an earlier process may still be running.
      await fence()
      // The partition key uses the time zone of the server, independent of the session.
      const [row] = await writer.query<{ name: string }>(READ_TIME_ZONE)
      zone = new TimeZone(row!.name)
    },
    storePartitionOf(occurredAt) {
      const { year, month } = zone.localDate(occurredAt)
      return year * 100 + month
    },
    findStoredIds,
    findStoredRows: (rows) => findStoredRows(writer, rows),
    async insertRows(rows) {
      const rowSurrogateIds = await surrogateIds.idsOf(rows)
      await yielder?.yieldIfBusy()
      const columns = [...EVENT_BLOCK, columnOfValues('surrogate_id', 'UInt32', rowSurrogateIds)]
      try {
        await writer.insert({ table: 'analytics_events', columns }, encodeBlock(columns, rows))
      } catch (error) {
        throw await toInsertFailure(error, rows)
      }
    },
    async writeNames(names) {
      await writer.insert(NAMES_TARGET, encodeBlock(NAMES_TARGET.columns, names))
    },
    fence,
    invalidateCaches: () => surrogateIds.forgetHighest(),
  }
}

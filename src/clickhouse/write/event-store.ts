/**
 * The EventStore over ClickHouse: rows and names come in and are written as blocks; which ids are stored goes out.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import { TimeZone } from '../../base/time-zone.ts'
import { EVENT_COLUMNS } from '../../events/columns.ts'
import type { EventRow, NameObservation } from '../../events/event-row.ts'
import type { EventStore } from '../../ingest/ports.ts'
import { ErasedContacts } from '../access/erasures.ts'
import type { Store } from '../connection/store-connection.ts'
import { type BlockColumn, columnOfValues, columnsOf } from './column-formats.ts'
import { findStoredRows } from './find-stored-rows.ts'
import { encodeBlock } from './native-block.ts'
import { SurrogateIds } from './surrogate-ids.ts'

/** So many ids are looked up by one statement, which reads the ids of all rows of their tenants: a whole block of the writer at once. */
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

const FIND_STORED_IDS = `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND id IN {ids:Array(UUID)}
  SETTINGS log_comment = 'find_stored_ids'`

export interface EventStoreOptions {
  /** Under which name it writes; the store's own by default. */
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
    // What was erased is known for ever, and never stored again.
    for (const row of rows) if (erasures.isErased(row)) stored.add(row.id)
    for (let start = 0; start < rows.length; start += MAX_LOOKUP_IDS) {
      const slice = rows.slice(start, start + MAX_LOOKUP_IDS)
      // A block holds a tenant's rows one after the other: a set would cost more than naming one twice.
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
  /** A block that one shard refuses may be stored on the others, so that its refusal may not be taken for all of it: what is left is to be tried again. */
  const toInsertFailure = async (error: unknown, rows: readonly EventRow[]) => {
    const isRejected = error instanceof StoreFailure && error.kind === 'rejected'
    if (!isRejected || writer.topology.cluster === undefined) return error
    await fence()
    if ((await findStoredIds(rows)).size === 0) return error
    return new StoreFailure('unavailable', 'Some shards have stored their part of a block, one refused it.')
  }
  return {
    async open() {
      // What a process before this one sent may still be on its way.
      await fence()
      // The partition key reads months in the server's own zone, whatever the session says.
      const [row] = await writer.query<{ name: string }>('SELECT serverTimezone() AS name')
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

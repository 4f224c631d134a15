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
import type { BlockRange } from './stored-id-queries.ts'
import { StoredIdFilter } from './stored-id-filter.ts'
import { StoredIdIndex } from './stored-id-index.ts'
import { ByteWriter } from './byte-writer.ts'
import { type BlockColumn, columnOfValues, columnsOf } from './column-formats.ts'
import { ErasedContacts } from './erased-contacts.ts'
import { findStoredRows } from './find-stored-rows.ts'
import { encodeBlock } from './native-block.ts'
import { SurrogateIds } from './surrogate-ids.ts'

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

const READ_TIME_ZONE = named('read_time_zone', 'SELECT serverTimezone() AS name')

export interface EventStoreOptions {
  /** The writer name; by default that of the store. */
  readonly writerName?: string
  readonly clock?: Clock
  readonly yielder?: EventLoopYielder
  /** The filter of stored ids, which answers most lookups in this process; by default every id is looked up in the store. */
  readonly idFilter?: {
    /** The bound of its memory. */
    readonly maxBytes: number
    /** Ends its build. */
    readonly signal?: AbortSignal
  }
}

export function createEventStore(
  store: Store,
  { writerName, clock = systemClock, yielder, idFilter }: EventStoreOptions = {},
): EventStore {
  const writer = store.openWriter(writerName)
  const erasures = new ErasedContacts(writer, clock)
  const surrogateIds = new SurrogateIds(writer, yielder)
  const index = new StoredIdIndex(writer, {
    filter: idFilter && new StoredIdFilter(idFilter.maxBytes),
    signal: idFilter?.signal,
    clock,
  })
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
    for (const position of await index.find(idsOf(rows), () => rangeOf(rows))) stored.add(rows[position]!.id)
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
      void index.build()
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
      const block = encodeBlock(columns, rows)
      // Also if the insert fails: its outcome may be unknown.
      index.add(idsOf(rows))
      try {
        await writer.insert({ table: 'analytics_events', columns }, block)
      } catch (error) {
        throw await toInsertFailure(error, rows)
      }
    },
    async writeNames(names) {
      await writer.insert(NAMES_TARGET, encodeBlock(NAMES_TARGET.columns, names))
    },
    fence,
    invalidateCaches() {
      surrogateIds.forgetHighest()
      index.invalidate()
    },
  }
}

/** The ids in one array, 16 bytes each, in the layout of the engine. */
function idsOf(rows: readonly EventRow[]): Uint8Array {
  const writer = new ByteWriter(rows.length * 16)
  for (const { id } of rows) writer.uuid(id)
  return writer.bytes
}

function rangeOf(rows: readonly EventRow[]): BlockRange {
  const tenants = new Set<string>()
  const types = new Set<string>()
  let [from, to] = [Infinity, -Infinity]
  for (const { tenant_id, event_type, occurred_at } of rows) {
    tenants.add(tenant_id)
    types.add(event_type)
    from = Math.min(from, occurred_at)
    to = Math.max(to, occurred_at)
  }
  return { tenants: [...tenants], types: [...types], from, to }
}

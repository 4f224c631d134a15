/**
 * The EventStore over ClickHouse: rows and names come in and are written as blocks; which ids are stored goes out.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import type { EventRow, NameObservation } from '../../events/event-row.ts'
import type { EventStore } from '../../ingest/ports.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import { TimeZone } from '../../base/time-zone.ts'
import type { Store } from '../connection/store-connection.ts'
import { ErasedContacts } from '../access/erasures.ts'
import { SurrogateIds } from './surrogate-ids.ts'
import {
  type BlockColumn,
  dateTime64Column,
  encodeBlock,
  lowCardinalityColumn,
  nullableStringColumn,
  nullableUInt32Column,
  stringColumn,
  uint32Column,
  uuidColumn,
} from './native-block.ts'
import { findStoredRows } from './find-stored-rows.ts'

/** So many ids are looked up by one statement, which reads the ids of all rows of their tenants: a whole block of the writer at once. */
const MAX_LOOKUP_IDS = 25_000

/** The columns that a row fills, and how; `member_number` comes with an insert, `ingested_at` is left to the store. */
export const EVENT_COLUMNS: readonly BlockColumn<EventRow>[] = [
  uuidColumn('id', (row) => row.id),
  stringColumn('tenant_id', (row) => row.tenant_id),
  lowCardinalityColumn('event_type', (row) => row.event_type),
  lowCardinalityColumn('entity_type', (row) => row.entity_type),
  stringColumn('entity_id', (row) => row.entity_id),
  lowCardinalityColumn('channel', (row) => row.channel),
  nullableStringColumn('contact_id', (row) => row.contact_id),
  nullableStringColumn('user_id', (row) => row.user_id),
  lowCardinalityColumn('source_type', (row) => row.source_type),
  nullableStringColumn('source_id', (row) => row.source_id),
  nullableStringColumn('campaign_id', (row) => row.campaign_id),
  nullableStringColumn('workflow_id', (row) => row.workflow_id),
  nullableStringColumn('sequence_id', (row) => row.sequence_id),
  nullableStringColumn('template_id', (row) => row.template_id),
  stringColumn('metadata', (row) => row.metadata),
  dateTime64Column('occurred_at', (row) => row.occurred_at),
  nullableUInt32Column('step_number', (row) => row.step_number),
  nullableStringColumn('enrollment_id', (row) => row.enrollment_id),
]

const NAME_COLUMNS: readonly BlockColumn<NameObservation>[] = [
  stringColumn('tenant_id', (name) => name.tenant_id),
  lowCardinalityColumn('kind', (name) => name.kind),
  stringColumn('id', (name) => name.id),
  {
    name: 'latest',
    type: 'SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))',
    write: (writer, names) => {
      for (const { occurred_at } of names) writer.int64(occurred_at)
      for (const { name } of names) writer.text(name)
    },
  },
]

const NAMES_TARGET = { table: 'analytics_names', columns: NAME_COLUMNS }

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
      const columns = [...EVENT_COLUMNS, uint32Column<EventRow>('member_number', (_, place) => rowSurrogateIds[place]!)]
      try {
        await writer.insert({ table: 'analytics_events', columns }, encodeBlock(columns, rows))
      } catch (error) {
        throw await toInsertFailure(error, rows)
      }
    },
    async writeNames(names) {
      await writer.insert(NAMES_TARGET, encodeBlock(NAME_COLUMNS, names))
    },
    fence,
    invalidateCaches: () => surrogateIds.forgetHighest(),
  }
}

/**
 * The EventStore over ClickHouse: rows and names come in and are written as blocks; which ids are stored goes out.
 */
import { type Clock, systemClock } from '../clock.ts'
import { StoreFailure } from '../errors.ts'
import { EVENT_COLUMNS } from '../events/columns.ts'
import type { EventRow, NameObservation } from '../events/row.ts'
import type { EventStore } from '../ingest/ports.ts'
import type { Turns } from '../turns.ts'
import { Zone } from '../zone.ts'
import type { Store } from './connect.ts'
import { Erasures } from './erasures.ts'
import { MemberNumbers } from './member-numbers.ts'
import { type BlockColumn, columnOfValues, columnsOf } from './column-formats.ts'
import { encodeBlock } from './native-block.ts'
import { findStoredRows } from './stored-rows.ts'

/** So many ids are looked up by one statement, which reads the ids of all rows of their tenants: a whole block of the writer at once. */
const MAX_LOOKUP_IDS = 25_000

const EVENT_BLOCK = columnsOf(EVENT_COLUMNS)

const NAMES = {
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
  readonly name?: string
  readonly clock?: Clock
  readonly turns?: Turns
}

export function createEventStore(
  store: Store,
  { name, clock = systemClock, turns }: EventStoreOptions = {},
): EventStore {
  const writer = store.openWriter(name)
  const erasures = new Erasures(writer, clock)
  const members = new MemberNumbers(writer, turns)
  const fence = async () => {
    members.forgetLast()
    await writer.fence()
  }
  let zone = new Zone('UTC')
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
  const refusalOf = async (error: unknown, rows: readonly EventRow[]) => {
    const isRefused = error instanceof StoreFailure && error.kind === 'rejected'
    if (!isRefused || writer.topology.cluster === undefined) return error
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
      zone = new Zone(row!.name)
    },
    partitionOf(occurredAt) {
      const { year, month } = zone.localDate(occurredAt)
      return year * 100 + month
    },
    findStoredIds,
    findStoredRows: (rows) => findStoredRows(writer, rows),
    async insertRows(rows) {
      const numbers = await members.numbersOf(rows)
      await turns?.give()
      const columns = [...EVENT_BLOCK, columnOfValues('surrogate_id', 'UInt32', numbers)]
      try {
        await writer.insert({ table: 'analytics_events', columns }, encodeBlock(columns, rows))
      } catch (error) {
        throw await refusalOf(error, rows)
      }
    },
    async rememberNames(names) {
      await writer.insert(NAMES, encodeBlock(NAMES.columns, names))
    },
    fence,
    distrust: () => members.forgetLast(),
  }
}

/**
 * The EventStore in ClickHouse: writes rows and names as blocks, and finds stored events by their ids.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import { TimeZone } from '../../base/time-zone.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { EventRow, NameObservation } from '../../events/event-row.ts'
import type { EventStore } from '../../ingest/ports.ts'
import { named } from '../connection/named-statement.ts'
import type { EventWriter, Store } from '../connection/store-connection.ts'
import type { ClassRulesByTenant } from '../../messages/classes/class-rules.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../messages/classes/parse-class-rules.ts'
import { MessageRecalculation } from '../facts/message-recalculation.ts'
import { UnsettledBlocks } from '../facts/versions/unsettled-blocks.ts'
import { WrittenVersions } from '../facts/versions/written-versions.ts'
import { MessageFilter } from '../facts/message-filter.ts'
import type { CompleteFilterOptions, FilterState } from '../filter/complete-filter.ts'
import { COMMON_PRECISION, type FilterPrecision, HIGH_PRECISION, StoredIdFilter } from '../filter/stored-id-filter.ts'
import { ByteWriter } from './byte-writer.ts'
import { type BlockColumn, columnsOf } from './column-formats.ts'
import { compareWithStored } from './compare-with-stored.ts'
import { ErasedContacts } from './erased-contacts.ts'
import { encodeEvents, EVENTS_TARGET } from './event-encoding.ts'
import { encodeBlock } from './native-block.ts'
import { idsOfRows, keysOfRows, mergedRows } from './selected-rows.ts'
import { StoredIdIndex } from './stored-id-index.ts'
import { SurrogateIds } from './surrogate-ids.ts'

/** The largest buffer that is kept for the next block: that of a full block of ordinary events. */
const MAX_KEPT_BYTES = 16 * 1_048_576

/** The part of the memory of filters that is for messages: a message has a few events. */
const MESSAGES_SHARE = 0.25

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

const NO_ROWS: RowIndexes = new Uint32Array()

export interface EventStoreOptions {
  /** The writer name; by default that of the store. */
  readonly writerName?: string
  readonly clock?: Clock
  readonly yielder?: EventLoopYielder
  /** The rules that give opens and clicks their classes. */
  readonly classRules?: ClassRulesByTenant
  /** The version of the rules in this program; another one in tests. */
  readonly rulesVersion?: number | undefined
  /** The filters of stored ids and of messages, which answer most lookups in this process; by default every id and every message is looked up in the store. */
  readonly idFilter?: {
    /** The bound of their memory; 0 = no filter. */
    readonly maxBytes: number
    /** Ends their builds. */
    readonly signal?: AbortSignal
  }
}

export interface ClickHouseEventStore extends EventStore {
  /**
   * Calculates the facts of messages again whose events were erased, for the tenants whose events this process stores. Returns the tenants whose facts may have changed.
   * Rejects with a StoreFailure; what is left is done by the next call.
   */
  recalculateMessages(isLocal: (tenantId: string) => boolean): Promise<string[]>
  /** The tenant whose messages are being calculated again: no other process may store its events until then. */
  recalculatedTenant(): string | undefined
  /** The versions of the facts of messages that are written. */
  readonly facts: WrittenVersions
  readonly writer: EventWriter
  /** The blocks whose messages are not brought up to date yet. */
  readonly unsettledBlocks: UnsettledBlocks
  /** The rows whose contacts were not erased after them. Rejects with a StoreFailure. */
  withoutErased(rows: readonly EventRow[]): Promise<readonly EventRow[]>
  /** The state of both filters together; undefined without them. */
  filterState(): FilterState | undefined
  /** Keeps the filters for the next start. To be called when no more inserts follow. Gives up when `deadline` aborts. */
  close(deadline: AbortSignal): Promise<void>
}

export function createEventStore(
  store: Store,
  {
    writerName,
    clock = systemClock,
    yielder,
    idFilter,
    classRules = DEFAULT_RULES_BY_TENANT,
    rulesVersion,
  }: EventStoreOptions = {},
): ClickHouseEventStore {
  const writer = store.openWriter(writerName)
  const erasures = new ErasedContacts(writer, clock)
  const surrogateIds = new SurrogateIds(writer, yielder)
  const filterOptions = (share: number, precision: FilterPrecision): CompleteFilterOptions => ({
    filter:
      idFilter && idFilter.maxBytes > 0
        ? new StoredIdFilter(Math.floor(idFilter.maxBytes * share), precision)
        : undefined,
    signal: idFilter?.signal,
    clock,
  })
  const index = new StoredIdIndex(writer, filterOptions(1 - MESSAGES_SHARE, COMMON_PRECISION))
  const messageFilter = new MessageFilter(writer, filterOptions(MESSAGES_SHARE, HIGH_PRECISION))
  const fence = async () => {
    surrogateIds.forgetHighest()
    const added = [index, messageFilter].map((filter) => [filter, filter.addedIds()] as const)
    await writer.fence()
    for (const [filter, ids] of added) filter.settle(ids)
  }
  let zone = new TimeZone('UTC')
  const storePartitionOf = (occurredAt: number) => {
    const { year, month } = zone.localDate(occurredAt)
    return year * 100 + month
  }
  const facts = new WrittenVersions({
    writer,
    rules: classRules,
    rulesVersion,
    partitionOf: storePartitionOf,
    // Without the rest of `fence`: a block may be in the middle of its insert, which then fails, and its commit fences again.
    fence: () => writer.fence(),
    filter: messageFilter,
    yielder,
  })
  const unsettledBlocks = new UnsettledBlocks()
  const recalculation = new MessageRecalculation({ writer, facts, erasures })
  const findStored: EventStore['findStored'] = async (events, rows) => {
    await erasures.refresh()
    const flags = new Uint8Array(rows.length)
    const keysOf = (positions: Uint32Array<ArrayBuffer>) =>
      keysOfRows(
        events,
        positions.map((position) => rows[position]!),
      )
    const stored = await index.find(idsOfRows(events, rows), keysOf)
    for (const position of stored) flags[position] = 1
    // Events of erased contacts count as stored, so that they are not stored again.
    erasures.markErased(events, rows, flags)
    return rows.filter((_, position) => flags[position] === 1)
  }
  /** When one shard rejects a block, other shards may have stored their part of it. The rest then has to be retried, so the failure is not `rejected`. */
  const toInsertFailure = async (error: unknown, events: EventBlock, rows: RowIndexes) => {
    if (!isRejected(error) || writer.topology.cluster === undefined) return error
    await fence()
    if ((await findStored(events, rows)).length === 0) return error
    return new StoreFailure('unavailable', 'One shard rejected its part of a block that other shards stored.')
  }
  let idleBuffer: ByteWriter | undefined
  return {
    facts,
    writer,
    unsettledBlocks,
    async withoutErased(rows) {
      await erasures.refresh()
      return rows.filter((row) => !erasures.isErased(row))
    },
    async open() {
      // Inserts of an earlier process may still be running.
      await fence()
      void index.build()
      void messageFilter.build()
      // The partition key uses the time zone of the server, independent of the session.
      const [row] = await writer.query<{ name: string }>(READ_TIME_ZONE)
      zone = new TimeZone(row!.name)
      await facts.refresh()
    },
    storePartitionOf,
    findStored,
    compareWithStored: (events, rows) => compareWithStored(writer, events, rows),
    async insertRows(events, rows) {
      unsettledBlocks.begin(events)
      const ids = await surrogateIds.idsOf(events, rows)
      await yielder?.yieldIfBusy()
      const buffer = idleBuffer ?? new ByteWriter(1_024 + rows.length * 320)
      idleBuffer = undefined
      const addedIds = idsOfRows(events, rows)
      index.add(addedIds)
      try {
        await writer.insert(EVENTS_TARGET, encodeEvents(buffer, events, rows, ids))
      } catch (error) {
        const failure = await toInsertFailure(error, events, rows)
        // The outcome of any other failed insert is unknown until the writer is fenced.
        if (isRejected(failure)) index.settle([addedIds])
        throw failure
      }
      index.settle([addedIds])
      // Only now: a request that failed may still send what the buffer contains.
      if (buffer.capacity <= MAX_KEPT_BYTES) idleBuffer = buffer
    },
    async addToMessages(events, inserted, repeated = NO_ROWS) {
      // A repeated event of an erased contact may not be deleted yet.
      await facts.add(events, () => mergedRows(inserted, erasures.withoutErased(events, repeated)))
      unsettledBlocks.settle(events)
    },
    recalculateMessages: (isLocal) => recalculation.run(isLocal),
    recalculatedTenant: () => recalculation.tenant,
    async writeNames(names) {
      await writer.insert(NAMES_TARGET, encodeBlock(NAMES_TARGET.columns, names))
    },
    fence,
    invalidateCaches() {
      surrogateIds.forgetHighest()
      index.invalidate()
      messageFilter.invalidate()
      facts.invalidate()
    },
    filterState() {
      const [ids, messages] = [index.filterState, messageFilter.filterState]
      return (
        ids &&
        messages && {
          isComplete: ids.isComplete && messages.isComplete,
          ids: ids.ids + messages.ids,
          bytes: ids.bytes + messages.bytes,
        }
      )
    },
    async close(deadline) {
      await index.close(deadline)
      await messageFilter.close(deadline)
    },
  }
}

function isRejected(error: unknown): boolean {
  return error instanceof StoreFailure && error.kind === 'rejected'
}

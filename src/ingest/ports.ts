/**
 * The ports of ingestion: sources of deliveries, sinks for dead letters and for deferred and forwarded events, and the event store. `nats`, `cluster` and `clickhouse`
 * implement them.
 */
import type { EventBlock, RowIndexes } from '../events/block/event-block.ts'
import type { StreamPosition } from '../events/identity.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { NameObservation } from '../events/event-row.ts'

/** One message as the broker delivered it. */
export interface Delivery {
  readonly stream: string
  readonly subject: string
  readonly data: Uint8Array
  /** Sequence in the stream; ascending from delivery to delivery until `startAfter`. */
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds. */
  readonly publishedAt: number
  /** The position where its producer, or a replay, published it: not the position where it was deferred or forwarded. */
  readonly place: StreamPosition
  /** The position where the event was first published; for a replayed message, that of the original. */
  readonly origin: StreamPosition
  readonly messageId: string | undefined
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** How much a source may pull: nothing when either is 0. */
export interface Capacity {
  readonly events: number
  readonly bytes: number
}

/** Receives the deliveries of a source. The source calls it and never awaits it, except for `quiesce`. */
export interface DeliveryHandler {
  /** Takes over a message. Must not throw. */
  deliver(delivery: Delivery): void
  /** Reports the number of messages that the source has not delivered yet. */
  reportPending(count: number): void
  /** How much may be pulled now. */
  capacity(): Capacity
  /**
   * Resolves once every delivery that was taken over is settled, with the acknowledgement floor: the highest sequence up to which everything is settled. The source calls
   * it when deliveries may have been lost (a broken connection, a restarted broker), and starts again after that sequence.
   */
  quiesce(): Promise<number>
  /** Deliveries start (again) after `sequence`, the last one that is settled. */
  startAfter(sequence: number): void
}

export interface EventSource {
  /** Starts deliveries; resolves once the consumer is bound. Reconnects and rebinds by itself from then on. */
  start(handler: DeliveryHandler): Promise<void>
  /** Acknowledges everything up to and including `sequence`. */
  acknowledge(sequence: number): void
  /** Capacity was freed: the source may pull again. */
  wake(): void
  /** Resolves when no more deliveries follow; acknowledging is still possible. */
  pause(): Promise<void>
  isBound(): boolean
}

export interface DeadLetter {
  readonly delivery: Delivery
  readonly reason: RejectionReason
  readonly message: string
}

export interface DeadLetterSink {
  /** Resolves once the dead letter is stored; rejects when that is not known. Safe to repeat. */
  put(deadLetter: DeadLetter): Promise<void>
}

export interface DeliverySink {
  /** Takes a delivery of a tenant. Resolves once it is stored; rejects when that is not known. Safe to repeat. */
  put(delivery: Delivery, tenantId: string): Promise<void>
}

/** Keeps deliveries for later. */
export interface DeferredSink extends DeliverySink {
  /** Whether it can take this delivery at all. */
  fits(delivery: Delivery): boolean
}

/** Where a tenant's events are stored: by this process (`local`), by another one (`remote`), or not decided yet (`pending`): its events wait then. */
export type TenantLocation = 'local' | 'remote' | 'pending'

/** Decides which process stores the events of a tenant. After a change from `pending`, `Ingestion.routePending` has to be called. */
export interface TenantAssignment {
  locationOf(tenantId: string): TenantLocation
}

/** The two ports of a process that shares the work with others. A single process has neither: every tenant is local. */
export interface ClusterPorts {
  readonly assignment: TenantAssignment
  /** Sends the events of remote tenants to the process that stores them. */
  readonly forwarding: DeliverySink
}

/** `same`: the event is stored with the same contents. `different`: its id is stored with other contents. `missing`: its id is not stored. */
export type StoredComparison = 'same' | 'different' | 'missing'

/** The writing side of the store. Every call may reject with a StoreFailure; after `unavailable` the outcome is unknown. Rows are named by their indexes in a block. */
export interface EventStore {
  /** Has to resolve before any other call. */
  open(): Promise<void>
  /** Those of the rows whose ids are stored already, or whose contact was erased after them. The ids of the rows have to be distinct. */
  findStored(events: EventBlock, rows: RowIndexes): Promise<RowIndexes>
  /** Compares events with the stored ones of their ids, which may repeat; one result per row, in their order. It reads whole rows: meant for the few that are stored already. */
  compareWithStored(events: EventBlock, rows: RowIndexes): Promise<readonly StoredComparison[]>
  /** The partition of an instant in epoch milliseconds. */
  storePartitionOf(occurredAt: number): number
  /** Stores the rows, all of one partition, as one atomic block. */
  insertRows(events: EventBlock, rows: RowIndexes): Promise<void>
  /**
   * Brings the facts of messages up to date: rows of the block that this commit has stored, and repeated ones that were stored before. It has to resolve before the events are
   * acknowledged; repeated calls change nothing.
   */
  addToMessages(events: EventBlock, inserted: RowIndexes, repeated?: RowIndexes): Promise<void>
  /** Stores names; repeated or reordered calls have the same result. */
  writeNames(names: readonly NameObservation[]): Promise<void>
  /** Resolves when no earlier write can take effect any more. Rejects as `fenced` when another process has fenced this writer. */
  fence(): Promise<void>
  /** Drops cached facts about the store: another process may have stored events since. */
  invalidateCaches(): void
}

/** Observes the commits, one after the other. Must not throw. */
export interface CommitObserver {
  /** A block is about to be inserted: from now on the store may show its rows. The insert begins when the promise resolves, which must be soon. */
  begin(events: EventBlock): Promise<void> | undefined
  /** The outcome of that block is known: `stored` are the rows that it added to the store, which shows them all. Not called when the process stops first. */
  end(events: EventBlock, stored: RowIndexes): void
}

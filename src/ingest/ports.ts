/**
 * What ingestion needs of the world: a source of deliveries, a place for dead letters, a store for rows. `nats` and `clickhouse` implement these.
 */
import type { StreamPosition } from '../events/identity.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { EventRow, NameObservation } from '../events/event-row.ts'

/** One message as the broker delivered it. */
export interface Delivery {
  readonly stream: string
  readonly subject: string
  readonly data: Uint8Array
  /** Sequence in the stream; ascending from delivery to delivery until a `restart`. */
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds. */
  readonly publishedAt: number
  /** Where its producer, or a replay, put it: not where it only waited, or by which way it came here. */
  readonly place: StreamPosition
  /** Where the event first stood and what its producer called it: for a replayed message, those of the original. */
  readonly origin: StreamPosition
  readonly messageId: string | undefined
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** How much a source may ask for: nothing when either is 0. */
export interface Capacity {
  readonly events: number
  readonly bytes: number
}

/** The ingestion side of a source: called by the source, never awaited by it. */
export interface DeliveryHandler {
  /** Takes over a message. Must not throw. */
  deliver(delivery: Delivery): void
  /** So many messages wait in the source that were not delivered yet. */
  reportPending(count: number): void
  /** How much may be asked for now. */
  capacity(): Capacity
  /**
   * Resolves once nothing taken over is open any more, with the highest sequence below which everything is settled. The source asks
   * when deliveries may have been lost on the way (a broken connection, a restarted broker) and starts again behind that sequence.
   */
  quiesce(): Promise<number>
  /** Deliveries start (again) behind `sequence`, the last one that is settled. */
  startAfter(sequence: number): void
}

export interface EventSource {
  /** Starts deliveries; resolves once the consumer is bound. Reconnects and rebinds by itself from then on. */
  start(handler: DeliveryHandler): Promise<void>
  /** Acknowledges everything up to and including `sequence`. */
  acknowledge(sequence: number): void
  /** Tells the source that capacity was freed. */
  wake(): void
  /** No more deliveries after it resolves; acknowledging is still possible. */
  pause(): Promise<void>
  isBound(): boolean
}

export interface DeadLetter {
  readonly delivery: Delivery
  readonly reason: RejectionReason
  readonly message: string
}

export interface DeadLetterSink {
  /** Resolves once the letter is stored; rejects when that is not known. Safe to repeat. */
  put(deadLetter: DeadLetter): Promise<void>
}

export interface DeliverySink {
  /** Keeps a delivery of a tenant; resolves once it is stored, rejects when that is not known. Safe to repeat. */
  put(delivery: Delivery, tenantId: string): Promise<void>
}

/** Keeps deliveries for later. */
export interface DeferredSink extends DeliverySink {
  /** Whether it could keep this delivery at all. */
  fits(delivery: Delivery): boolean
}

/** What to do with a tenant's events: store them, pass them on, or wait until that is settled. */
export type TenantRoute = 'ours' | 'others' | 'unsettled'

/** Which way events go, where several processes share the work; the others' are passed on. */
export interface TenantRouting extends DeliverySink {
  routeOf(tenantId: string): TenantRoute
}

/**
 * The store's writing side. Every call may reject with a StoreFailure; after `unavailable` the outcome is unknown.
 */
export interface EventStore {
  /** Has to resolve before anything else is called. */
  open(): Promise<void>
  /** Which of the rows' ids are stored already (for their own tenants). */
  findStoredIds(rows: readonly EventRow[]): Promise<ReadonlySet<string>>
  /** What is stored under the ids of these rows, by id. Meant for the few that are stored already: it reads whole rows. */
  findStoredRows(rows: readonly EventRow[]): Promise<ReadonlyMap<string, EventRow>>
  /** Which partition an instant (epoch milliseconds) falls into. */
  storePartitionOf(occurredAt: number): number
  /** Stores the rows, all of one partition, as one atomic block. */
  insertRows(rows: readonly EventRow[]): Promise<void>
  /** Remembers names; repeating or reordering calls changes nothing. */
  writeNames(names: readonly NameObservation[]): Promise<void>
  /** Resolves when no earlier write can take effect any more. Rejects as `fenced` when others have closed this one off. */
  fence(): Promise<void>
  /** Others may have stored events since: what is remembered of the store is not relied upon. */
  invalidateCaches(): void
}

interface CommittedEvent {
  readonly row: EventRow
}

/** Is told of every commit, one after the other. Must not throw. */
export interface CommitObserver {
  /** A block is about to be inserted: from now on the store may show rows of it. Resolves when that may begin, which is at once or soon. */
  begin(block: Iterable<CommittedEvent>): Promise<void> | undefined
  /** The outcome of that block is known: of its events these were stored, each for the first time, and the store shows them all. Not called when the process stops first. */
  end(stored: Iterable<CommittedEvent>): void
}

/**
 * The ports of the cluster: storage of the shared state, messages between members, the work that is assigned to a member, and forwarded events. `nats` implements storage and
 * messages; the assembly provides the work.
 */
import type { ClusterState } from './cluster-state.ts'

export interface StoredClusterState {
  readonly state: ClusterState
  readonly revision: number
}

/** Stores the state of the cluster. Every call may reject. */
export interface ClusterStateStore {
  /** Undefined = no state was written yet. */
  read(): Promise<StoredClusterState | undefined>
  /** Writes the state if the stored one still has `revision` (0 = none is stored) and resolves with the new revision; undefined = another member wrote before. */
  write(state: ClusterState, revision: number): Promise<number | undefined>
}

/** Messages between the members of a cluster. They are not stored: only members that are connected receive them. */
export interface ClusterMessenger {
  publish(topic: string, text: string): void
  /** Calls `onMessage` for each message; `reply` responds to a request. The returned function ends the subscription. */
  subscribe(topic: string, onMessage: (text: string, reply: (text: string) => void) => void): () => void
  /** `no-responder` = certainly no member is subscribed; undefined = no response in time. */
  request(topic: string, text: string): Promise<{ readonly text: string } | 'no-responder' | undefined>
}

/** Starts and stops the work that is assigned to this member. Each call is repeated until it resolves or the membership ends. */
export interface AssignmentHandler {
  /** Whether a member is certainly not connected to the broker. */
  isDisconnected(member: string): Promise<boolean>
  /** Ensures that no write that a member has started takes effect from now on. */
  fenceMember(member: string): Promise<void>
  /** The same for every writer that existed before the cluster state did. */
  fenceUnknownWriters(): Promise<void>
  startPartition(partition: number): Promise<void>
  /** Resolves when no event of the partition is in flight here. */
  stopPartition(partition: number): Promise<void>
  startLeading(): Promise<void>
  stopLeading(): Promise<void>
  onStateChanged(state: ClusterState): void
}

/** A source of deliveries that is consumed for an assignment. */
export interface Consumption<Source extends BoundSource = BoundSource> {
  readonly source: Source
  /** Consumes nothing more; resolves when every delivery is settled. */
  readonly release: () => Promise<void>
}

interface BoundSource {
  isBound(): boolean
}

/** The ingestion that a member runs for its assignments. `mayBind` rejects while the member must not consume. */
export interface AssignedIngestion {
  /** Opens the store for writing, and discards what is cached of it, because other members may have written since. */
  openStore(): Promise<void>
  /** From now on this process keeps the facts of the messages of a partition complete. Has to resolve before an event of the partition is stored. */
  takeFacts(partition: number): Promise<void>
  /** Another process does so from now on. Every event of the partition has to be settled. */
  releaseFacts(partition: number): Promise<void>
  consumePartition(partition: number, mayBind: () => Promise<void>): Promise<Consumption<PartitionConsumer>>
  /** Consumes the event stream, and everything else that the leader alone consumes. */
  consumeStream(mayBind: () => Promise<void>): Promise<Consumption>
  /** Closes the consumers of deferred events of tenants that are no longer local. */
  releaseDeferred(): Promise<void>
  /** The number of events of these tenants that are being stored. */
  countInFlight(isAffected: (tenantId: string) => boolean): number
  /** Stores buffered events now. */
  flush(): void
  /** Routes events that waited until the location of their tenant was decided. */
  routePending(): void
  /** Another member stores the events of these tenants from now on, or did so until now: forgets their data versions and ends their live streams. */
  resetTenants(isAffected: (tenantId: string) => boolean): void
}

/** The consumer of one partition's forwarded events. */
export interface PartitionConsumer extends BoundSource {
  /** Every forwarded message up to this sequence is settled. */
  readonly settledUpTo: number
  /** Whether almost no forwarded message is pending. */
  readonly isCaughtUp: boolean
}

/** Events that this member forwards to others. */
export interface ForwardedEvents {
  /** Resolves when no event of the partition is waiting or being sent here. */
  idle(partition: number): Promise<void>
  /** The sequence of the last message of the partition that is not settled yet; 0 = none. Rejects when the broker does not respond. */
  lastSequence(partition: number): Promise<number>
}

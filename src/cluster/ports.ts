/**
 * What sharing needs of the world: a place for the board and plain messages, which `nats` has, and somebody who does the duties.
 */
import type { ClusterState } from './cluster-state.ts'

export interface StoredClusterState {
  readonly board: ClusterState
  readonly revision: number
}

/** Where the board is kept. Every call may reject. */
export interface ClusterStateStore {
  /** Undefined = there is none yet. */
  read(): Promise<StoredClusterState | undefined>
  /** Writes it if it is still at `revision` (0 = if there is none) and gives its new revision; undefined when it is not. */
  write(board: ClusterState, revision: number): Promise<number | undefined>
}

/** What a member does. Each call is repeated until it resolves, unless the seat is lost first. */
export interface AssignmentHandler {
  /** Whether a member is certainly not connected to the broker. */
  isDisconnected(member: string): Promise<boolean>
  /** Makes sure that nothing a member has begun to write takes effect any more. */
  fenceMember(member: string): Promise<void>
  /** The same for whoever was here before the board was. */
  fenceUnknownWriters(): Promise<void>
  startPartition(partition: number): Promise<void>
  /** Resolves when nothing of it is held or being written any more. */
  stopPartition(partition: number): Promise<void>
  startLeading(): Promise<void>
  stopLeading(): Promise<void>
  /** The board has changed. */
  onStateChanged(board: ClusterState): void
}

/** Plain messages between the members of an environment: heard by whoever is there now, kept nowhere. */
export interface ClusterMessenger {
  publish(topic: string, text: string): void
  /** Calls `onMessage` for each; `reply` answers a request. The result ends it. */
  subscribe(topic: string, onMessage: (text: string, reply: (text: string) => void) => void): () => void
  /** `nobody` when certainly nobody listens; undefined when no answer came in time. */
  request(topic: string, text: string): Promise<{ readonly text: string } | 'nobody' | undefined>
}

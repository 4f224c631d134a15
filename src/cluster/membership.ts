/**
 * The membership of one process in a cluster: sends heartbeats, claims free assignments, gives up surplus ones, and fences failed members. It reads and writes the cluster state
 * and starts and stops assignments; both are ports.
 */
import { backoffMs, type Clock, sleep } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import {
  type Assignments,
  assignmentsOf,
  type ClusterState,
  EMPTY_CLUSTER_STATE,
  surplusOf,
  withHeartbeat,
  withClaims,
  withoutAssignments,
  withoutMember,
} from './cluster-state.ts'
import { FailureDetector } from './failure-detector.ts'
import type { AssignmentHandler, ClusterStateStore, StoredClusterState } from './ports.ts'

const POLL_INTERVAL_MS = 250
const HEARTBEAT_INTERVAL_MS = 1_000
/** A state that was read longer ago is not trusted. */
const MAX_STATE_AGE_MS = 1_000

export interface MembershipOptions {
  readonly id: string
  readonly store: ClusterStateStore
  readonly handler: AssignmentHandler
  readonly clock: Clock
  readonly logger: Logger
}

/** `removed`: other members have removed this process as failed, so it must not continue anything that it has started. */
export type MembershipEnd = 'left' | 'removed'

/** A partition, or leadership. */
type Assignment = number | 'leader'

export class Membership {
  readonly #options: MembershipOptions
  readonly #failureDetector = new FailureDetector()
  /** Partitions that are started here. */
  readonly #activePartitions = new Set<number>()
  /** Assignments that are being started or stopped. */
  readonly #transitions = new Set<Assignment>()
  /** Partitions that are stopped here and released with the next write. Only `#poll` removes them: a read that is in progress would otherwise start them again. */
  readonly #stoppedPartitions = new Set<number>()
  /** Failed members, and whether they are fenced. */
  readonly #fencing = new Map<string, boolean>()
  readonly #finished = new AbortController()
  #unknownWriterFencing: 'pending' | 'running' | 'done' = 'pending'
  #isLeader = false
  #isLeaving = false
  #stored: StoredClusterState | undefined
  #readAt = -Infinity
  #heartbeatAt = -Infinity

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Whether the state was read recently and this process is a member. */
  get isStateFresh(): boolean {
    return this.#options.clock.monotonic() - this.#readAt < MAX_STATE_AGE_MS && this.#isListedIn(this.#stored)
  }

  get state(): ClusterState | undefined {
    return this.#stored?.state
  }

  /** Resolves with `left` after `signal` aborts and all assignments are given up, with `removed` after other members removed this one or `fenced` aborts. */
  async run(signal: AbortSignal, fenced: AbortSignal): Promise<MembershipEnd> {
    const { clock, logger } = this.#options
    const woken = new AbortController()
    signal.addEventListener('abort', () => woken.abort())
    fenced.addEventListener('abort', () => woken.abort())
    try {
      for (let failures = 0; ;) {
        if (fenced.aborted) return 'removed'
        this.#isLeaving = signal.aborted
        try {
          const end = await this.#poll()
          if (end) return end
          failures = 0
        } catch (error) {
          if (failures++ === 0) logger.warn('the cluster state cannot be read or written', { error })
        }
        const pauseMs = failures > 0 ? backoffMs(failures, { maxMs: 1_000 }) : POLL_INTERVAL_MS
        await sleep(clock, pauseMs, this.#isLeaving ? undefined : woken.signal)
      }
    } finally {
      this.#finished.abort()
    }
  }

  async #poll(): Promise<MembershipEnd | undefined> {
    const { id, store, clock } = this.#options
    const stored = await store.read()
    const isMember = this.#isListedIn(stored)
    if (this.#stored !== undefined && !isMember) return 'removed'
    const now = clock.monotonic()
    if (isMember) this.#recordState(stored!)
    let state = stored?.state ?? EMPTY_CLUSTER_STATE
    for (const { member, isLeaseExpired } of this.#failureDetector.suspectedMembers(state, now))
      if (member !== id && !this.#fencing.has(member)) void this.#fenceMember(member, isLeaseExpired)
    for (const [member, isFenced] of this.#fencing) if (isFenced) state = withoutMember(state, member)
    if (!state.areUnknownWritersFenced && state.leader === id) state = this.#withUnknownWritersFenced(state)
    if (this.#isLeaving) return this.#leave(state, stored?.revision ?? 0)
    if (!isMember || now - this.#heartbeatAt >= HEARTBEAT_INTERVAL_MS) state = withHeartbeat(state, id)
    const stopped = new Set(this.#stoppedPartitions)
    state = withClaims(withoutAssignments(state, id, { partitions: stopped, isLeader: false }), id)
    if (state !== stored?.state && !isSameState(state, stored?.state)) {
      const revision = await store.write(state, stored?.revision ?? 0)
      // Another member wrote before.
      if (revision === undefined) return undefined
      this.#heartbeatAt = now
      this.#recordState({ state, revision })
    }
    for (const partition of stopped) this.#stoppedPartitions.delete(partition)
    if (state.areUnknownWritersFenced) this.#applyAssignments(assignmentsOf(state, id), surplusOf(state, id))
    return undefined
  }

  #recordState(stored: StoredClusterState): void {
    const { clock, handler } = this.#options
    const isNew = stored.revision !== this.#stored?.revision
    this.#stored = stored
    this.#readAt = clock.monotonic()
    if (isNew) handler.onStateChanged(stored.state)
  }

  /** The first leader fences the unknown writers. */
  #withUnknownWritersFenced(state: ClusterState): ClusterState {
    if (this.#unknownWriterFencing === 'pending') void this.#fenceUnknownWriters()
    return { ...state, areUnknownWritersFenced: this.#unknownWriterFencing === 'done' }
  }

  async #fenceUnknownWriters(): Promise<void> {
    const { handler, logger } = this.#options
    this.#unknownWriterFencing = 'running'
    try {
      await handler.fenceUnknownWriters()
      this.#unknownWriterFencing = 'done'
    } catch (error) {
      logger.warn('unknown writers cannot be fenced yet', { error })
      this.#unknownWriterFencing = 'pending'
    }
  }

  /** Runs beside the polls: a store that does not respond must not stop the heartbeats. */
  async #fenceMember(member: string, isLeaseExpired: boolean): Promise<void> {
    const { handler, logger } = this.#options
    this.#fencing.set(member, false)
    try {
      if (!isLeaseExpired && !(await handler.isDisconnected(member))) return void this.#fencing.delete(member)
      logger.warn('a member failed and is being fenced', { member })
      await handler.fenceMember(member)
      this.#fencing.set(member, true)
    } catch (error) {
      logger.warn('a member cannot be fenced yet', { member, error })
      this.#fencing.delete(member)
    }
  }

  /** Stops all assignments, then leaves the cluster. */
  async #leave(state: ClusterState, revision: number): Promise<MembershipEnd | undefined> {
    const { id, store } = this.#options
    if (!this.#isListedIn({ state, revision })) return 'left'
    if (this.#transitions.size === 0) {
      if (this.#isLeader) this.#stopAssignment('leader')
      for (const partition of this.#activePartitions) this.#stopAssignment(partition)
    }
    if (this.#transitions.size > 0 || this.#isLeader || this.#activePartitions.size > 0) {
      // Each stopped assignment is released at once, so that other members can claim it before all are stopped.
      await store.write(withHeartbeat(withoutAssignments(state, id, this.#stoppedAssignments(state)), id), revision)
      return undefined
    }
    return (await store.write(withoutMember(state, id), revision)) === undefined ? undefined : 'left'
  }

  /** Assignments of this process in the state that are stopped. */
  #stoppedAssignments(state: ClusterState): Assignments {
    const { partitions, isLeader } = assignmentsOf(state, this.#options.id)
    const isStopped = (assignment: Assignment, isActive: boolean) => !isActive && !this.#transitions.has(assignment)
    return {
      partitions: new Set(
        [...partitions].filter((partition) => isStopped(partition, this.#activePartitions.has(partition))),
      ),
      isLeader: isLeader && isStopped('leader', this.#isLeader),
    }
  }

  #applyAssignments({ partitions, isLeader }: Assignments, surplus: readonly number[]): void {
    for (const partition of partitions)
      if (!this.#activePartitions.has(partition) && !this.#stoppedPartitions.has(partition))
        this.#startAssignment(partition)
    for (const partition of surplus) if (this.#activePartitions.has(partition)) this.#stopAssignment(partition)
    // Last, because events of partitions that are not started yet would be forwarded.
    if (isLeader && !this.#isLeader && this.#transitions.size === 0) this.#startAssignment('leader')
  }

  #startAssignment(assignment: Assignment): void {
    const { handler } = this.#options
    const start = () => (assignment === 'leader' ? handler.startLeading() : handler.startPartition(assignment))
    this.#transition(assignment, start, true)
  }

  #stopAssignment(assignment: Assignment): void {
    const { handler } = this.#options
    const stop = () => (assignment === 'leader' ? handler.stopLeading() : handler.stopPartition(assignment))
    this.#transition(assignment, stop, false)
  }

  /** Starts or stops an assignment, with retries. An assignment has one transition at a time. */
  #transition(assignment: Assignment, task: () => Promise<void>, isStarting: boolean): void {
    if (this.#transitions.has(assignment)) return
    this.#transitions.add(assignment)
    void (async () => {
      const { clock, logger } = this.#options
      const { signal } = this.#finished
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          await task()
          break
        } catch (error) {
          logger.warn('an assignment cannot be started or stopped yet', { assignment, isStarting, attempt, error })
          await sleep(clock, backoffMs(attempt, { maxMs: 2_000 }), signal)
        }
      }
      if (assignment === 'leader') this.#isLeader = isStarting
      else if (isStarting) this.#activePartitions.add(assignment)
      else {
        this.#activePartitions.delete(assignment)
        this.#stoppedPartitions.add(assignment)
      }
      this.#transitions.delete(assignment)
    })()
  }

  #isListedIn(stored: StoredClusterState | undefined): boolean {
    return stored !== undefined && this.#options.id in stored.state.members
  }
}

function isSameState(a: ClusterState, b: ClusterState | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/**
 * One process's part in sharing the work: keeps its seat on the board, takes what is free, gives up what is too much, and closes off whoever has gone silent. What the
 * board says comes in, duties to begin and to end leave. Knows neither the broker nor the store.
 */
import { backoffMs, type Clock, sleep } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import {
  type ClusterState,
  type Assignments,
  assignmentsOf,
  EMPTY_CLUSTER_STATE,
  surplusOf,
  withHeartbeat,
  withClaims,
  withoutAssignments,
  withoutMember,
} from './cluster-state.ts'
import { FailureDetector } from './failure-detector.ts'
import type { ClusterStateStore, AssignmentHandler, StoredClusterState } from './ports.ts'

const POLL_INTERVAL_MS = 250
const HEARTBEAT_INTERVAL_MS = 1_000
/** What was read so long ago is not relied upon any more. */
const MAX_STATE_AGE_MS = 1_000

export interface MembershipOptions {
  readonly id: string
  readonly store: ClusterStateStore
  readonly handler: AssignmentHandler
  readonly clock: Clock
  readonly logger: Logger
}

/** `removed`: others took this process for dead; what it has begun must not go on. */
export type MembershipEnd = 'left' | 'removed'

export class Membership {
  readonly #options: MembershipOptions
  readonly #failureDetector = new FailureDetector()
  /** Partitions that were begun, and what routing was, each once its beginning or end is under way. */
  readonly #activePartitions = new Set<number>()
  readonly #transitions = new Set<number | 'routing'>()
  /** Partitions that have ended here; the next write says so. By the looks alone, as one that was under way would otherwise find them to be this process's still. */
  readonly #stoppedPartitions = new Set<number>()
  /** Silent members, and whether they are closed off by now. */
  readonly #fencing = new Map<string, boolean>()
  readonly #finished = new AbortController()
  #unknownWriterFencing: 'not yet' | 'under way' | 'done' = 'not yet'
  #isLeader = false
  #isLeaving = false
  #stored: StoredClusterState | undefined
  #readAt = -Infinity
  #heartbeatAt = -Infinity

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Whether the board was seen just now, with this process on it. */
  get isStateFresh(): boolean {
    return this.#options.clock.monotonic() - this.#readAt < MAX_STATE_AGE_MS && this.#isListedIn(this.#stored)
  }

  get state(): ClusterState | undefined {
    return this.#stored?.board
  }

  /** Takes part until `signal` aborts and everything was handed over, or others have removed it, or `lost` aborts. */
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
          if (failures++ === 0) logger.warn('the board cannot be read or written', { error })
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
    let state = stored?.board ?? EMPTY_CLUSTER_STATE
    for (const { member, isLeaseExpired: isOver } of this.#failureDetector.suspectedMembers(state, now))
      if (member !== id && !this.#fencing.has(member)) void this.#fenceMember(member, isOver)
    for (const [member, isClosed] of this.#fencing) if (isClosed) state = withoutMember(state, member)
    if (!state.areUnknownWritersFenced && state.leader === id) state = this.#withUnknownWritersFenced(state)
    if (this.#isLeaving) return this.#leave(state, stored?.revision ?? 0)
    if (!isMember || now - this.#heartbeatAt >= HEARTBEAT_INTERVAL_MS) state = withHeartbeat(state, id)
    const ended = new Set(this.#stoppedPartitions)
    state = withClaims(withoutAssignments(state, id, { partitions: ended, isLeader: false }), id)
    if (state !== stored?.board && !isSameState(state, stored?.board)) {
      const revision = await store.write(state, stored?.revision ?? 0)
      // Somebody else was faster.
      if (revision === undefined) return undefined
      this.#heartbeatAt = now
      this.#recordState({ board: state, revision })
    }
    for (const partition of ended) this.#stoppedPartitions.delete(partition)
    if (state.areUnknownWritersFenced) this.#applyAssignments(assignmentsOf(state, id), surplusOf(state, id))
    return undefined
  }

  #recordState(stored: StoredClusterState): void {
    const { clock, handler: duties } = this.#options
    const isNew = stored.revision !== this.#stored?.revision
    this.#stored = stored
    this.#readAt = clock.monotonic()
    if (isNew) duties.onStateChanged(stored.board)
  }

  /** Whoever routes first clears the place. */
  #withUnknownWritersFenced(state: ClusterState): ClusterState {
    if (this.#unknownWriterFencing === 'not yet') void this.#fenceUnknownWriters()
    return { ...state, areUnknownWritersFenced: this.#unknownWriterFencing === 'done' }
  }

  async #fenceUnknownWriters(): Promise<void> {
    const { handler: duties, logger } = this.#options
    this.#unknownWriterFencing = 'under way'
    try {
      await duties.fenceUnknownWriters()
      this.#unknownWriterFencing = 'done'
    } catch (error) {
      logger.warn('who was here before cannot be closed off yet', { error })
      this.#unknownWriterFencing = 'not yet'
    }
  }

  /** Beside the looks: a store that does not answer must not keep this member from saying that it is there. */
  async #fenceMember(member: string, isOver: boolean): Promise<void> {
    const { handler: duties, logger } = this.#options
    this.#fencing.set(member, false)
    try {
      if (!isOver && !(await duties.isDisconnected(member))) return void this.#fencing.delete(member)
      logger.warn('a member has gone silent and is closed off', { member })
      await duties.fenceMember(member)
      this.#fencing.set(member, true)
    } catch (error) {
      logger.warn('a member cannot be closed off yet', { member, error })
      this.#fencing.delete(member)
    }
  }

  /** Gives everything back: the duties first, then the seat. */
  async #leave(state: ClusterState, revision: number): Promise<MembershipEnd | undefined> {
    const { id, store } = this.#options
    if (!this.#isListedIn({ board: state, revision })) return 'left'
    if (this.#transitions.size === 0) {
      if (this.#isLeader) this.#stopAssignment('routing')
      for (const partition of this.#activePartitions) this.#stopAssignment(partition)
    }
    if (this.#transitions.size > 0 || this.#isLeader || this.#activePartitions.size > 0) {
      // Whoever waits for one of them need not wait for all.
      await store.write(withHeartbeat(withoutAssignments(state, id, this.#stoppedAssignments(state)), id), revision)
      return undefined
    }
    return (await store.write(withoutMember(state, id), revision)) === undefined ? undefined : 'left'
  }

  /** What the board says is this process's, and it has ended. */
  #stoppedAssignments(state: ClusterState): Assignments {
    const { partitions, isLeader: routing } = assignmentsOf(state, this.#options.id)
    const isOver = (duty: number | 'routing', isHeld: boolean) => !isHeld && !this.#transitions.has(duty)
    return {
      partitions: new Set(
        [...partitions].filter((partition) => isOver(partition, this.#activePartitions.has(partition))),
      ),
      isLeader: routing && isOver('routing', this.#isLeader),
    }
  }

  #applyAssignments({ partitions, isLeader: routing }: Assignments, surplus: readonly number[]): void {
    for (const partition of partitions)
      if (!this.#activePartitions.has(partition) && !this.#stoppedPartitions.has(partition))
        this.#startAssignment(partition)
    for (const partition of surplus) if (this.#activePartitions.has(partition)) this.#stopAssignment(partition)
    // Last, as what it takes for partitions that are not begun yet is passed on.
    if (routing && !this.#isLeader && this.#transitions.size === 0) this.#startAssignment('routing')
  }

  #startAssignment(duty: number | 'routing'): void {
    const { startPartition: takePartition, startLeading: startRouting } = this.#options.handler
    this.#transition(duty, duty === 'routing' ? startRouting : () => takePartition(duty), true)
  }

  #stopAssignment(duty: number | 'routing'): void {
    const { stopPartition: leavePartition, stopLeading: stopRouting } = this.#options.handler
    this.#transition(duty, duty === 'routing' ? stopRouting : () => leavePartition(duty), false)
  }

  /** Begins or ends a duty, for as long as it takes; one change of a duty at a time. */
  #transition(duty: number | 'routing', task: () => Promise<void>, isBeginning: boolean): void {
    if (this.#transitions.has(duty)) return
    this.#transitions.add(duty)
    void (async () => {
      const { clock, logger } = this.#options
      const { signal } = this.#finished
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          await task()
          break
        } catch (error) {
          logger.warn('a duty cannot be begun or ended yet', { duty, isBeginning, attempt, error })
          await sleep(clock, backoffMs(attempt, { maxMs: 2_000 }), signal)
        }
      }
      if (duty === 'routing') this.#isLeader = isBeginning
      else if (isBeginning) this.#activePartitions.add(duty)
      else {
        this.#activePartitions.delete(duty)
        this.#stoppedPartitions.add(duty)
      }
      this.#transitions.delete(duty)
    })()
  }

  #isListedIn(stored: StoredClusterState | undefined): boolean {
    return stored !== undefined && this.#options.id in stored.board.members
  }
}

function isSameState(a: ClusterState, b: ClusterState | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

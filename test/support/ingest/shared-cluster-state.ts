/** Members of a cluster in one process with a manual clock: a cluster state with latency, and a record of the writers of each partition. */
import { EMPTY_CLUSTER_STATE, type ClusterState } from '../../../src/cluster/cluster-state.ts'
import { Membership } from '../../../src/cluster/membership.ts'
import type { ClusterStateStore, StoredClusterState } from '../../../src/cluster/ports.ts'
import { type Clock, sleep } from '../../../src/base/clock.ts'
import type { Chance } from '../base/random.ts'
import { silentLogger } from '../base/silent-logger.ts'

/** Maximum latency of a request, and of a response. */
const MAX_LATENCY_MS = 60

/** A cluster state with latency that refuses writes with an old revision. */
export class SlowStateStore implements ClusterStateStore {
  readonly #clock: Clock
  readonly #chance: Chance
  #stored: StoredClusterState | undefined
  /** Makes every call fail. */
  isDown = false

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  get state(): ClusterState {
    return this.#stored?.state ?? EMPTY_CLUSTER_STATE
  }

  read(): Promise<StoredClusterState | undefined> {
    return this.#respond(() => this.#stored)
  }

  write(state: ClusterState, revision: number): Promise<number | undefined> {
    return this.#respond(() => {
      if (revision !== (this.#stored?.revision ?? 0)) return undefined
      this.#stored = { state: structuredClone(state), revision: revision + 1 }
      return this.#stored.revision
    })
  }

  async #respond<Response>(handle: () => Response): Promise<Response> {
    const latency = () => sleep(this.#clock, this.#chance.below(MAX_LATENCY_MS))
    await latency()
    if (this.isDown) throw new Error('The cluster state is unavailable.')
    const response = handle()
    await latency()
    return response
  }
}

/** The members whose writes a store with fences accepts. */
export class Writers {
  readonly #holders = new Map<number, Set<string>>()
  readonly #fenced = new Set<string>()
  /** Descriptions of partitions that two members could write at once. */
  readonly conflicts: string[] = []
  isFencing = true

  start(member: string, partition: number): void {
    if (this.#fenced.has(member)) return
    const holders = this.#holders.get(partition) ?? new Set()
    this.#holders.set(partition, holders.add(member))
    if (holders.size > 1) this.conflicts.push(`${partition}: ${[...holders].join()}`)
  }

  stop(member: string, partition: number): void {
    this.#holders.get(partition)?.delete(member)
  }

  fence(member: string): void {
    if (!this.isFencing) return
    this.#fenced.add(member)
    for (const holders of this.#holders.values()) holders.delete(member)
  }
}

/** A member with its own clock: while that is suspended, the member does nothing. */
export class TestMember {
  readonly id: string
  isConnected = true
  readonly #stopping = new AbortController()
  readonly #clock: SuspendableClock
  readonly ended: Promise<string>
  readonly membership: Membership

  constructor(
    id: string,
    store: ClusterStateStore,
    writers: Writers,
    clock: Clock,
    isDisconnected: (member: string) => boolean,
  ) {
    this.id = id
    this.#clock = new SuspendableClock(clock)
    this.membership = new Membership({
      id,
      store,
      clock: this.#clock,
      logger: silentLogger,
      handler: {
        isDisconnected: async (member) => isDisconnected(member),
        fenceMember: async (member) => writers.fence(member),
        fenceUnknownWriters: async () => {},
        startPartition: async (partition) => writers.start(id, partition),
        stopPartition: async (partition) => writers.stop(id, partition),
        startLeading: async () => {},
        stopLeading: async () => {},
        onStateChanged: () => {},
      },
    })
    this.ended = this.membership.run(this.#stopping.signal, new AbortController().signal)
  }

  stop(): void {
    this.#stopping.abort()
  }

  suspend(): void {
    this.#clock.isSuspended = true
  }

  resume(): void {
    this.#clock.resume()
  }
}

class SuspendableClock implements Clock {
  readonly #clock: Clock
  #deferred: (() => void)[] = []
  isSuspended = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#clock.after(delayMs, () => {
      if (this.isSuspended) this.#deferred.push(task)
      else task()
    })
  }

  resume(): void {
    this.isSuspended = false
    for (const task of this.#deferred.splice(0)) task()
  }
}

/** Members of an environment in one process, by a clock that stands still: a board far away, and the record of who writes what. */
import { EMPTY_CLUSTER_STATE, type ClusterState } from '../../../src/cluster/cluster-state.ts'
import { Membership } from '../../../src/cluster/membership.ts'
import type { ClusterStateStore, StoredClusterState } from '../../../src/cluster/ports.ts'
import { type Clock, sleep } from '../../../src/base/clock.ts'
import type { Chance } from '../base/random.ts'
import { silentLogger } from '../base/silent-logger.ts'

/** Questions and answers each take up to so long. */
const MAX_WAY_MS = 60

/** A board far away, which refuses writes of whoever has not seen the last one. */
export class DistantBoard implements ClusterStateStore {
  readonly #clock: Clock
  readonly #chance: Chance
  #seen: StoredClusterState | undefined
  /** Makes every call fail. */
  isDown = false

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  get board(): ClusterState {
    return this.#seen?.state ?? EMPTY_CLUSTER_STATE
  }

  read(): Promise<StoredClusterState | undefined> {
    return this.#ask(() => this.#seen)
  }

  write(board: ClusterState, revision: number): Promise<number | undefined> {
    return this.#ask(() => {
      if (revision !== (this.#seen?.revision ?? 0)) return undefined
      this.#seen = { state: structuredClone(board), revision: revision + 1 }
      return this.#seen.revision
    })
  }

  async #ask<Answer>(answer: () => Answer): Promise<Answer> {
    const way = () => sleep(this.#clock, this.#chance.below(MAX_WAY_MS))
    await way()
    if (this.isDown) throw new Error('The board is away.')
    const answered = answer()
    await way()
    return answered
  }
}

/** Who may write now: what a store that closes writers off lets through. */
export class Writers {
  readonly #holders = new Map<number, Set<string>>()
  readonly #closed = new Set<string>()
  /** In words: a partition that two could write at once. */
  readonly clashes: string[] = []
  isFencing = true

  take(member: string, partition: number): void {
    if (this.#closed.has(member)) return
    const holders = this.#holders.get(partition) ?? new Set()
    this.#holders.set(partition, holders.add(member))
    if (holders.size > 1) this.clashes.push(`${partition}: ${[...holders].join()}`)
  }

  leave(member: string, partition: number): void {
    this.#holders.get(partition)?.delete(member)
  }

  closeOff(member: string): void {
    if (!this.isFencing) return
    this.#closed.add(member)
    for (const holders of this.#holders.values()) holders.delete(member)
  }
}

/** A member with a clock of its own way: while it is `isAsleep`, it does nothing at all. */
export class TestMember {
  readonly id: string
  isConnected = true
  readonly #stopping = new AbortController()
  readonly #clock: SleepyClock
  readonly ended: Promise<string>
  readonly membership: Membership

  constructor(
    id: string,
    store: ClusterStateStore,
    writers: Writers,
    clock: Clock,
    isGone: (member: string) => boolean,
  ) {
    this.id = id
    this.#clock = new SleepyClock(clock)
    this.membership = new Membership({
      id,
      store,
      clock: this.#clock,
      logger: silentLogger,
      handler: {
        isDisconnected: async (member) => isGone(member),
        fenceMember: async (member) => writers.closeOff(member),
        fenceUnknownWriters: async () => {},
        startPartition: async (partition) => writers.take(id, partition),
        stopPartition: async (partition) => writers.leave(id, partition),
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

  sleep(): void {
    this.#clock.isAsleep = true
  }

  wake(): void {
    this.#clock.wake()
  }
}

class SleepyClock implements Clock {
  readonly #clock: Clock
  #missed: (() => void)[] = []
  isAsleep = false

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
      if (this.isAsleep) this.#missed.push(task)
      else task()
    })
  }

  wake(): void {
    this.isAsleep = false
    for (const task of this.#missed.splice(0)) task()
  }
}

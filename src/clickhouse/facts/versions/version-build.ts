/** Builds a version of the facts from the stored events, partition by partition, in turns that other work may follow. */
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import { END_POSITION, type PartitionProgress, type TenantPartitions } from './partition-progress.ts'
import type { ProgressRow } from './progress-table.ts'
import {
  countByTenant,
  type Position,
  readSlices,
  type Slice,
  type StoredMessageEvents,
} from './stored-message-events.ts'
import type { WrittenVersions } from './written-versions.ts'

/** The time between two saved positions: what a crash makes the next process do again. */
const SAVE_MS = 1_000
const LOG_MS = 30_000

export interface VersionBuildOptions {
  readonly facts: WrittenVersions
  readonly progress: PartitionProgress
  readonly source: Omit<StoredMessageEvents, 'tenants'>
  readonly partitions: TenantPartitions
  /** Adds the events of a slice to a version. */
  readonly add: (slice: Slice, number: number) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/** The partition that is being built. */
interface BuildInProgress {
  readonly number: number
  readonly partition: number
  readonly slices: AsyncGenerator<Slice>
}

export class VersionBuild {
  readonly #options: VersionBuildOptions
  #current: BuildInProgress | undefined
  /** The tenants of the version that is being built, and its partitions that have the numbers of their events. */
  #counted:
    | {
        readonly number: number
        readonly tenants: ReadonlyMap<string, number>
        readonly partitions: ReadonlySet<number>
      }
    | undefined
  #savedAt = -Infinity
  #loggedAt = -Infinity

  constructor(options: VersionBuildOptions) {
    this.#options = options
  }

  /** The partition is not stored by this process any more. */
  stop(partition: number): void {
    if (this.#current?.partition === partition) this.#current = undefined
  }

  /** Builds for about so long; resolves with whether more is to be built. After a rejection, with a StoreFailure, the next call continues. */
  async run(turnMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options
    const endsAt = clock.monotonic() + turnMs
    try {
      while (!signal.aborted && clock.monotonic() < endsAt) {
        const row = this.#next()
        if (row === undefined) {
          this.#counted = undefined
          return false
        }
        await this.#buildSlice(row)
      }
      return this.#next() !== undefined
    } catch (error) {
      // The position is that of the last slice that was added.
      this.#current = undefined
      throw error
    }
  }

  #next(): ProgressRow | undefined {
    const { facts, progress } = this.#options
    const version = facts.live.findLast((one) => one.state === 'building' && facts.isWritten(one))
    if (version === undefined) return undefined
    const rows = progress.ownedPartitions.flatMap((partition) => progress.row(version.number, partition) ?? [])
    return rows.find(({ position }) => position !== END_POSITION)
  }

  async #buildSlice({ number, tenant_partition: partition }: ProgressRow): Promise<void> {
    const { progress, partitions, source, add } = this.#options
    if (this.#current?.number !== number || this.#current.partition !== partition) {
      const tenants = await this.#tenantsOf(number, partition)
      const { position } = progress.row(number, partition)!
      const from = position === '' ? undefined : (JSON.parse(position) as Position)
      const slices = readSlices({ ...source, tenants: partitions.count === 1 ? undefined : tenants }, from)
      this.#current = { number, partition, slices }
    }
    const build = this.#current
    const { done, value } = await build.slices.next()
    // The partition may have been released meanwhile.
    if (this.#current !== build) return
    if (done) {
      this.#current = undefined
      const isComplete = !progress.partitionsToRepair.has(partition)
      progress.update(number, partition, { position: END_POSITION, is_complete: isComplete ? 1 : 0 })
      return progress.save()
    }
    await add(value, number)
    if (this.#current !== build) return
    const before = progress.row(number, partition)!
    progress.update(number, partition, {
      position: JSON.stringify(value.position),
      events_done: Math.min(before.events, before.events_done + value.rows.length),
    })
    await this.#report(number)
  }

  /** Also records the number of events of each partition of the version, once for all partitions that are owned. */
  async #tenantsOf(number: number, partition: number): Promise<readonly string[]> {
    const { progress, partitions, source } = this.#options
    if (this.#counted?.number !== number || !this.#counted.partitions.has(partition)) {
      const tenants = await countByTenant(source)
      const events = new Map<number, number>()
      for (const [tenant, count] of tenants)
        events.set(partitions.of(tenant), (events.get(partitions.of(tenant)) ?? 0) + count)
      this.#counted = { number, tenants, partitions: new Set(progress.ownedPartitions) }
      for (const each of this.#counted.partitions)
        if (progress.row(number, each)?.position === '')
          progress.update(number, each, { events: events.get(each) ?? 0, events_done: 0 })
      await progress.save()
    }
    return [...this.#counted.tenants.keys()].filter((tenant) => partitions.of(tenant) === partition)
  }

  async #report(number: number): Promise<void> {
    const { progress, clock, logger } = this.#options
    const now = clock.monotonic()
    if (now - this.#savedAt < SAVE_MS) return
    this.#savedAt = now
    await progress.save()
    if (now - this.#loggedAt < LOG_MS) return
    this.#loggedAt = now
    const rows = progress.ownedPartitions.flatMap((partition) => progress.row(number, partition) ?? [])
    const sum = (key: 'events' | 'events_done') => rows.reduce((total, row) => total + row[key], 0)
    logger.info('facts of messages: version being built', {
      version: number,
      events: sum('events'),
      eventsDone: sum('events_done'),
    })
  }
}

/**
 * Keeps the facts of messages complete, in the background of a process that stores events: adds events whose facts a crash has left out, builds a version for other rules from the
 * stored events, and as the leader coordinates the versions. Requests and ingestion have precedence. Everything can be interrupted at any time and continues where it ended.
 */
import { backoffMs, type Clock, sleep, whenAborted } from '../../../base/clock.ts'
import { StartFailure, StoreFailure } from '../../../base/errors.ts'
import type { EventLoopYielder } from '../../../base/event-loop-yielding.ts'
import type { Logger } from '../../../base/logger.ts'
import type { ReportUnexpectedError } from '../../../base/unexpected-errors.ts'
import type { StoreConnection } from '../../connection/store-connection.ts'
import type { ClickHouseEventStore } from '../../write/event-store.ts'
import { PartitionProgress, type TenantPartitions } from './partition-progress.ts'
import { countByTenant, readSlices, type Slice } from './stored-message-events.ts'
import { VersionBuild } from './version-build.ts'
import { VersionCoordinator } from './version-coordinator.ts'

const POLL_MS = 2_000
const CHECKPOINT_MS = 10_000
const MAX_BACKOFF_MS = 10_000
/** The part of a build before the loop looks for other work. */
const BUILD_TURN_MS = 2_000

export interface FactsKeeperOptions {
  readonly events: ClickHouseEventStore
  /** For statements that take longer; it has no default database. */
  readonly maintenance: StoreConnection
  readonly database: string
  readonly partitions: TenantPartitions
  /** Whether this process does the work that only one process may do. */
  readonly isLeader: () => boolean
  /** Called after each round: versions or their progress may have changed. */
  readonly onChange?: (() => void) | undefined
  /** Called when events were added whose facts may have been missing: what is read has changed. */
  readonly onRepaired?: (() => void) | undefined
  /** How long the rows of a replaced version are kept. */
  readonly graceMs?: number | undefined
  /** The time between two rounds, after which a process knows of a version that another one has begun. */
  readonly pollMs?: number | undefined
  /** About the number of events that are read at once. */
  readonly sliceEvents?: number | undefined
  readonly yielder?: EventLoopYielder | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
}

export class FactsKeeper {
  readonly #options: FactsKeeperOptions
  readonly #progress: PartitionProgress
  readonly #coordinator: VersionCoordinator
  readonly #build: VersionBuild
  readonly #stopped = new AbortController()
  #woken = new AbortController()
  #running: Promise<unknown> | undefined
  #lastWrite: Promise<void> = Promise.resolve()

  constructor(options: FactsKeeperOptions) {
    const { events, maintenance, database, sliceEvents } = options
    const { facts, writer, unsettledBlocks } = events
    this.#options = options
    this.#progress = new PartitionProgress({ writer, facts, unsettledBlocks })
    this.#coordinator = new VersionCoordinator({ ...options, facts, connection: writer })
    this.#build = new VersionBuild({
      ...options,
      facts,
      progress: this.#progress,
      source: { connection: maintenance, database, sliceEvents },
      add: (slice, number) => this.#add(slice, number),
    })
  }

  /** Whether every event that was stored before this process has started is in the facts. */
  get isRepaired(): boolean {
    return this.#progress.partitionsToRepair.size === 0
  }

  start(): void {
    this.#running ??= Promise.all([this.#run(), this.#runCheckpoints()])
  }

  /** From now on this process stores the tenants of a partition. Has to resolve before it stores the first of their events. Rejects with a StoreFailure or a StartFailure. */
  async take(partition: number): Promise<void> {
    await this.#options.events.facts.refresh()
    await this.#progress.take(partition)
    this.#woken.abort()
  }

  /** Another process stores the tenants of a partition from now on. All of their events are settled. Rejects with a StoreFailure. */
  async release(partition: number): Promise<void> {
    this.#progress.close(partition)
    this.#build.stop(partition)
    await this.#lastWrite
    await this.#progress.releaseClosed(true)
  }

  /** Ends the background. To be called after ingestion has stopped. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    const areSettled = this.#options.events.unsettledBlocks.isEmpty
    const ending = async () => {
      await this.#running
      for (const partition of this.#progress.ownedPartitions) this.#progress.close(partition)
      await this.#progress.releaseClosed(areSettled)
    }
    // A store that does not respond leaves more to be looked through at the next start.
    await Promise.race([ending().catch(() => {}), whenAborted(deadline)])
  }

  async #run(): Promise<void> {
    const { clock, logger, report } = this.#options
    const { signal } = this.#stopped
    for (let failures = 0; !signal.aborted;) {
      try {
        this.#woken = new AbortController()
        const hasMore = await this.#work()
        failures = 0
        if (!hasMore) await this.#pause()
      } catch (error) {
        if (signal.aborted) return
        if (failures === 0) logger.warn('the facts of messages cannot be completed yet; retrying', { error })
        // A newer version of the service has taken over: this one is about to be stopped.
        const isExpected = error instanceof StoreFailure || error instanceof StartFailure
        if (!isExpected) report('job', error, { job: 'facts' })
        await sleep(clock, backoffMs(failures++, { firstMs: 500, maxMs: MAX_BACKOFF_MS }), signal)
      }
    }
  }

  /** Without other processes nothing changes that this one does not cause. */
  async #pause(): Promise<void> {
    const { clock, partitions, pollMs = POLL_MS } = this.#options
    const isFinal = partitions.count === 1 && this.#coordinator.isSettled
    const either = AbortSignal.any([this.#stopped.signal, this.#woken.signal])
    await (isFinal ? whenAborted(either) : sleep(clock, pollMs, either))
  }

  /** One round; resolves with whether the next one should follow at once. */
  async #work(): Promise<boolean> {
    const { events, isLeader, onChange } = this.#options
    await events.facts.refresh()
    await this.#progress.includeNewVersions()
    await this.#repair()
    const isBuilt = await this.#build.run(BUILD_TURN_MS, this.#stopped.signal)
    const isChanged = isLeader() && (await this.#coordinator.run())
    if (isChanged) await events.facts.refresh()
    onChange?.()
    return isBuilt || isChanged
  }

  /** Adds events that were stored and not added to the facts, whoever stored them. */
  async #repair(): Promise<void> {
    const { maintenance, database, partitions, sliceEvents, onRepaired, logger } = this.#options
    const toRepair = this.#progress.partitionsToRepair
    if (toRepair.size === 0) return
    const storedSince = Math.min(...[...toRepair.values()].map(({ missingSince = 0 }) => missingSince))
    const source = { connection: maintenance, database, storedSince, sliceEvents }
    const counts = await countByTenant(source)
    const tenants = [...counts.keys()].filter((tenant) => toRepair.has(partitions.of(tenant)))
    let events = 0
    if (tenants.length > 0)
      for await (const slice of readSlices({ ...source, tenants })) {
        if (this.#stopped.signal.aborted) return
        await this.#add(slice)
        events += slice.rows.length
      }
    this.#progress.markRepaired(toRepair)
    await this.#progress.save()
    if (events === 0) return
    onRepaired?.()
    logger.info('facts of messages: recent events checked', { events, since: new Date(storedSince).toISOString() })
  }

  /** Adds a slice to one version, or to all of them. Leaves out tenants that this process does not store any more. */
  async #add({ rows }: Slice, number?: number): Promise<void> {
    const { events, partitions, clock, yielder } = this.#options
    const startedAt = clock.monotonic()
    const add = async () => {
      const owned = rows.filter((row) => this.#progress.owns(partitions.of(row.tenant_id)))
      await events.facts.addStored(() => events.withoutErased(owned), number)
    }
    const write = add()
    this.#lastWrite = write.catch(() => {})
    const isBusy = events.facts.isIngesting || yielder?.isBusy === true
    await write
    if (isBusy || events.facts.isIngesting) await sleep(clock, clock.monotonic() - startedAt, this.#stopped.signal)
  }

  async #runCheckpoints(): Promise<void> {
    const { clock, logger } = this.#options
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await sleep(clock, CHECKPOINT_MS, signal)
      if (signal.aborted) return
      try {
        await Promise.race([this.#progress.checkpoint(), whenAborted(signal)])
      } catch (error) {
        if (!signal.aborted) logger.warn('the progress of the facts of messages cannot be saved yet', { error })
      }
    }
  }
}

/**
 * One process's time on the board, from taking its seat to losing it: the ingestion under one writer's name, and what it does for the partitions it has. Part of the
 * composition root. Nothing of it is used again afterwards, so that nothing late can be written under the name of what comes next.
 */
import { sleep } from '../base/clock.ts'
import { createEventStore } from '../clickhouse/write/event-store.ts'
import {
  assembleIngestion,
  type IngestionAssemblyOptions,
  type IngestionParts,
  type StreamConsumption,
} from './ingestion-assembly.ts'
import type { Ingestion } from '../ingest/ingestion.ts'
import type { EventStore } from '../ingest/ports.ts'
import { createClusterStateStore } from '../nats/partitions/cluster-state-store.ts'
import { createClusterMessenger } from '../nats/partitions/cluster-messenger.ts'
import { PartitionSource } from '../nats/partitions/partition-source.ts'
import { PartitionForwarder } from '../nats/partitions/partition-stream.ts'
import { type ClusterState, assignmentsOf, partitionOfTenant } from '../cluster/cluster-state.ts'
import { Membership, type MembershipEnd } from '../cluster/membership.ts'
import type { AssignmentHandler } from '../cluster/ports.ts'
import { VersionExchange } from '../cluster/version-exchange.ts'
import { LocalRoutes } from './local-routes.ts'

const DRAIN_POLL_MS = 20
const LOCAL_ROUTE_INTERVAL_MS = 250

interface PartitionConsumption {
  readonly source: PartitionSource
  readonly release: () => Promise<void>
}

export class ClusterWorker {
  /** This member of the environment, and with the consumer's name before it the writer. */
  readonly id = crypto.randomUUID().slice(0, 13)
  readonly #options: IngestionAssemblyOptions
  readonly #parts: IngestionParts
  readonly #events: EventStore
  readonly #membership: Membership
  readonly #versionExchange: VersionExchange
  readonly #closed = new AbortController()
  readonly #fenced = new AbortController()
  /** Whose tenants' events are stored here. */
  readonly #ownedPartitions = new Set<number>()
  readonly #consumptions = new Map<number, PartitionConsumption>()
  readonly #localRoutes: LocalRoutes
  #stream: StreamConsumption | undefined
  #storeOpening: Promise<void> | undefined
  #owners: ClusterState['partitions'] = []

  constructor(options: IngestionAssemblyOptions) {
    const { config, connection, clock, logger, versions, live, yielder } = options
    const durable = config.natsConsumer
    this.#options = options
    this.#versionExchange = new VersionExchange({
      id: this.id,
      messenger: createClusterMessenger(connection, durable),
      versions,
      ownerOf: (tenantId) => this.#owners[partitionOfTenant(tenantId)] ?? undefined,
      onVersionsChanged: (tenantIds) => live.onStoredElsewhere(tenantIds),
      clock,
    })
    this.#membership = new Membership({
      id: this.id,
      store: createClusterStateStore(connection, durable),
      handler: this.#assignmentHandler(),
      clock,
      logger,
    })
    const { signal } = this.#closed
    const sender = new PartitionForwarder({ connection, durable, clock, logger, signal })
    this.#localRoutes = new LocalRoutes({
      durable,
      sender,
      sources: () => [...this.#consumptions].map(([partition, { source }]) => [partition, source] as const),
      ingestion: () => this.ingestion,
      clock,
      signal,
    })
    this.#events = createEventStore(options.store, { writerName: this.#writerNameOf(this.id), clock, yielder })
    this.#parts = assembleIngestion(options, {
      store: this.#events,
      signal,
      isLocal: (tenantId) => this.isLocal(tenantId),
      cluster: { assignment: this.#localRoutes, forwarding: sender },
      onFenced: () => this.#fenced.abort(),
      onVersionsChanged: (tenantIds) => this.#versionExchange.announce(tenantIds),
    })
  }

  get ingestion(): Ingestion {
    return this.#parts.ingestion
  }

  /** Takes part until `signal` aborts and all is handed over, or until it was removed. */
  async run(signal: AbortSignal): Promise<MembershipEnd> {
    this.#versionExchange.open()
    this.#options.versions.connectPeers(this.#versionExchange)
    this.ingestion.start()
    void this.#parts.deferredConsumers.run()
    void this.#openLocalRoutes()
    return this.#membership.run(signal, this.#fenced.signal)
  }

  /** Lets go of everything; what `deadline` (an abort) leaves over is delivered again, wherever. */
  async close(deadline: AbortSignal): Promise<void> {
    const { versions, live } = this.#options
    this.#closed.abort()
    await this.ingestion.stop(deadline)
    this.#versionExchange.close()
    this.#stream = undefined
    this.#ownedPartitions.clear()
    this.#owners = []
    versions.forgetAll()
    // What was begun and not finished is not this process's any more to tell of.
    live.coordinator.end([])
    live.endReassigned(() => true)
  }

  isLocal(tenantId: string): boolean {
    return this.#ownedPartitions.has(partitionOfTenant(tenantId))
  }

  isLeader(): boolean {
    return this.#stream !== undefined
  }

  /** Whether it takes what the board says is its part: the stream, if it routes, and its partitions. */
  isBound(): boolean {
    const { state: board, isStateFresh: isCertain } = this.#membership
    if (!isCertain || !board?.areUnknownWritersFenced || board.leader === null) return false
    const { isLeader: routing, partitions } = assignmentsOf(board, this.id)
    // One that is ours by the board and not taken yet, or cannot be, is not bound.
    const arePartitionsBound = [...partitions].every((each) => this.#consumptions.get(each)?.source.isBound() === true)
    return arePartitionsBound && (!routing || this.#stream?.source.isBound() === true)
  }

  #writerNameOf(member: string): string {
    return `${this.#options.config.natsConsumer}.${member}`
  }

  #assignmentHandler(): AssignmentHandler {
    const { store, config } = this.#options
    return {
      isDisconnected: (member) => this.#versionExchange.isDisconnected(member),
      fenceMember: async (member) => store.fences?.fenceWriter(this.#writerNameOf(member)),
      fenceUnknownWriters: async () => store.fences?.fenceWriterGroup(config.natsConsumer),
      startPartition: (partition) => this.#startPartition(partition),
      stopPartition: (partition) => this.#stopPartition(partition),
      startLeading: () => this.#startLeading(),
      stopLeading: () => this.#stopLeading(),
      onStateChanged: (board) => this.#onStateChanged(board),
    }
  }

  async #startPartition(partition: number): Promise<void> {
    this.#storeOpening ??= this.#events.open()
    await this.#storeOpening.catch((error: unknown) => {
      this.#storeOpening = undefined
      throw error
    })
    this.#events.invalidateCaches()
    this.#ownedPartitions.add(partition)
    this.#resetTenantsOf(new Set([partition]))
    const { connection, config, clock, logger } = this.#options
    const source = new PartitionSource({
      connection,
      clock,
      logger,
      durable: config.natsConsumer,
      partition,
      limits: this.#parts.consumerLimits,
      mayBind: async () => this.#assertAssigned((board) => assignmentsOf(board, this.id).partitions.has(partition)),
      sharers: () => this.#ownedPartitions.size,
    })
    const release = await this.ingestion.consume(source, { isForwarded: true })
    if (this.#closed.signal.aborted) await release()
    else this.#consumptions.set(partition, { source, release })
  }

  async #stopPartition(partition: number): Promise<void> {
    // From now on its events are passed on, to whoever takes it next.
    this.#localRoutes.close(partition)
    this.#ownedPartitions.delete(partition)
    await this.#parts.deferredConsumers.release()
    await this.#consumptions.get(partition)?.release()
    this.#consumptions.delete(partition)
    while (
      this.ingestion.countInFlight((tenantId) => partitionOfTenant(tenantId) === partition) > 0 &&
      !this.#closed.signal.aborted
    ) {
      this.ingestion.flush()
      await sleep(this.#options.clock, DRAIN_POLL_MS, this.#closed.signal)
    }
    this.#resetTenantsOf(new Set([partition]))
  }

  async #startLeading(): Promise<void> {
    await this.#localRoutes.open(await this.#options.connection.jetstreamManager({ checkAPI: false }))
    this.#stream = await this.#parts.consumeStream(async () =>
      this.#assertAssigned((board) => assignmentsOf(board, this.id).isLeader),
    )
  }

  async #stopLeading(): Promise<void> {
    await this.#stream?.release()
    this.#stream = undefined
    this.#localRoutes.closeAll()
  }

  /** Throws while it is not certain that the board says so: a process that was stopped for a while must look first. */
  #assertAssigned(isAssigned: (board: ClusterState) => boolean): void {
    const { state: board, isStateFresh: isCertain } = this.#membership
    if (this.#closed.signal.aborted || !isCertain || !board || !isAssigned(board))
      throw new Error('The board has to be looked at first.')
  }

  #onStateChanged(board: ClusterState): void {
    const { metrics } = this.#options
    const previousOwners = this.#owners
    this.#owners = board.partitions
    metrics.clusterMembers.set(Object.keys(board.members).length)
    metrics.partitionsHeld.set(assignmentsOf(board, this.id).partitions.size)
    const moved = board.partitions.flatMap((owner, partition) =>
      owner === previousOwners[partition] ? [] : [partition],
    )
    if (moved.length > 0) this.#resetTenantsOf(new Set(moved))
  }

  /** Somebody else writes these from now on: what is known of their versions, and their live streams, begin anew. */
  #resetTenantsOf(partitions: ReadonlySet<number>): void {
    const { versions, live } = this.#options
    const isAffected = (tenantId: string) => partitions.has(partitionOfTenant(tenantId))
    versions.forget(isAffected)
    live.endReassigned(isAffected)
  }

  /** Takes the short way for what need not be passed on, whenever there is one. */
  async #openLocalRoutes(): Promise<void> {
    const { connection, clock, logger } = this.#options
    const { signal } = this.#closed
    while (!signal.aborted) {
      await sleep(clock, LOCAL_ROUTE_INTERVAL_MS, signal)
      if (!this.isLeader()) continue
      try {
        await this.#localRoutes.open(await connection.jetstreamManager({ checkAPI: false }))
      } catch (error) {
        if (!signal.aborted) logger.warn('what this process stores itself is passed on still', { error })
      }
    }
  }
}

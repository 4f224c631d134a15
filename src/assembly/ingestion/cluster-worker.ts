/**
 * One membership of this process in the cluster, from joining to leaving or removal: the ingestion with its own writer name, and the work for its assignments. A rejoining process
 * creates a new worker, so that no late write uses the writer name of the new membership.
 */
import { AssignedWork } from '../../cluster/assigned-work.ts'
import { assignmentsOf, PARTITION_COUNT, partitionOfTenant } from '../../cluster/cluster-state.ts'
import { Membership, type MembershipEnd } from '../../cluster/membership.ts'
import type { AssignedIngestion, AssignmentHandler } from '../../cluster/ports.ts'
import { VersionExchange } from '../../cluster/version-exchange.ts'
import type { FactsKeeper } from '../../clickhouse/facts/versions/facts-keeper.ts'
import { type ClickHouseEventStore, createEventStore } from '../../clickhouse/write/event-store.ts'
import type { FilterState } from '../../clickhouse/filter/complete-filter.ts'
import type { Ingestion } from '../../ingest/ingestion.ts'
import { createClusterMessenger } from '../../nats/partitions/cluster-messenger.ts'
import { createClusterStateStore } from '../../nats/partitions/cluster-state-store.ts'
import { PartitionForwarder } from '../../nats/partitions/partition-forwarder.ts'
import { PartitionSource } from '../../nats/partitions/partition-source.ts'
import { createFactsKeeper } from '../facts-keeping.ts'
import {
  assembleIngestion,
  BYTES_PER_MB,
  type IngestionAssemblyOptions,
  type IngestionParts,
} from './ingestion-parts.ts'
import { consumeEventStream } from './stream-consumption.ts'

export class ClusterWorker {
  /** The id of this member. With the prefix of the consumer's name it is the writer name. */
  readonly id = crypto.randomUUID().slice(0, 13)
  readonly #options: IngestionAssemblyOptions
  readonly #parts: IngestionParts
  readonly #events: ClickHouseEventStore
  readonly #keeper: FactsKeeper
  readonly #membership: Membership
  readonly #versionExchange: VersionExchange
  readonly #work: AssignedWork
  readonly #closed = new AbortController()
  readonly #fenced = new AbortController()
  #storeOpening: Promise<void> | undefined

  constructor(options: IngestionAssemblyOptions) {
    const { config, connection, clock, logger, versions, live, yielder } = options
    const durable = config.natsConsumer
    const { signal } = this.#closed
    this.#options = options
    const forwarder = new PartitionForwarder({ connection, durable, clock, logger, signal })
    this.#work = new AssignedWork({
      member: this.id,
      ingestion: this.#assignedIngestion(),
      forwarded: forwarder,
      freshState: () => (this.#membership.isStateFresh ? this.#membership.state : undefined),
      clock,
      logger,
      signal,
    })
    this.#versionExchange = new VersionExchange({
      id: this.id,
      messenger: createClusterMessenger(connection, durable),
      versions,
      ownerOf: (tenantId) => this.#work.ownerOf(tenantId),
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
    this.#events = createEventStore(options.store, {
      writerName: this.#writerNameOf(this.id),
      clock,
      yielder,
      classRules: config.classRules,
      idFilter: { maxBytes: config.idFilterMemoryMb * BYTES_PER_MB, signal },
    })
    this.#keeper = createFactsKeeper(options, this.#events, {
      partitions: { count: PARTITION_COUNT, of: partitionOfTenant },
      isLeader: () => this.isLeader(),
    })
    this.#parts = assembleIngestion(options, {
      store: this.#events,
      signal,
      isLocal: (tenantId) => this.isLocal(tenantId),
      cluster: { assignment: this.#work.assignment, forwarding: forwarder },
      onFenced: () => this.#fenced.abort(),
      onVersionsChanged: (tenantIds) => this.#versionExchange.announce(tenantIds),
    })
  }

  get ingestion(): Ingestion {
    return this.#parts.ingestion
  }

  /** Resolves when `signal` aborts and all assignments are handed over, or when other members have removed this one. */
  async run(signal: AbortSignal): Promise<MembershipEnd> {
    this.#versionExchange.open()
    this.#options.versions.connectPeers(this.#versionExchange)
    this.ingestion.start()
    void this.#parts.deferredConsumers.run()
    void this.#work.openLocalRoutes()
    return this.#membership.run(signal, this.#fenced.signal)
  }

  /** Stops everything. Events that are not stored when `deadline` aborts are delivered again, to any member. */
  async close(deadline: AbortSignal): Promise<void> {
    const { versions, live } = this.#options
    this.#closed.abort()
    await this.ingestion.stop(deadline)
    await this.#keeper.stop(deadline)
    this.#versionExchange.close()
    this.#work.clear()
    versions.forgetAll()
    // The outcome of a block that was started and not finished is not reported by this process.
    live.coordinator.discard()
    live.endReassigned(() => true)
  }

  isLocal(tenantId: string): boolean {
    return this.#work.isLocal(tenantId)
  }

  async recalculateMessages(): Promise<boolean> {
    const { versions } = this.#options
    const tenants = await this.#events.recalculateMessages((tenantId) => this.isLocal(tenantId))
    for (const tenantId of tenants) versions.advance(tenantId)
    this.#versionExchange.announce(tenants)
    return tenants.length > 0
  }

  filterState(): FilterState | undefined {
    return this.#events.filterState()
  }

  isLeader(): boolean {
    return this.#work.isLeader()
  }

  isBound(): boolean {
    return this.#work.isBound()
  }

  #writerNameOf(member: string): string {
    return `${this.#options.config.natsConsumer}.${member}`
  }

  #assignmentHandler(): AssignmentHandler {
    const { store, config, metrics } = this.#options
    const work = this.#work
    return {
      isDisconnected: (member) => this.#versionExchange.isDisconnected(member),
      fenceMember: async (member) => store.fences?.fenceWriter(this.#writerNameOf(member)),
      fenceUnknownWriters: async () => store.fences?.fenceWriterGroup(config.natsConsumer),
      startPartition: (partition) => work.startPartition(partition),
      stopPartition: (partition) => work.stopPartition(partition),
      startLeading: async () => {
        await work.startLeading()
        this.#keeper.start()
      },
      stopLeading: () => work.stopLeading(),
      onStateChanged: (state) => {
        metrics.clusterMembers.set(Object.keys(state.members).length)
        metrics.partitionsHeld.set(assignmentsOf(state, this.id).partitions.size)
        work.onStateChanged(state)
      },
    }
  }

  #assignedIngestion(): AssignedIngestion {
    const { connection, config, clock, logger, versions, live } = this.#options
    return {
      openStore: async () => {
        this.#storeOpening ??= this.#events.open()
        await this.#storeOpening.catch((error: unknown) => {
          this.#storeOpening = undefined
          throw error
        })
        this.#events.invalidateCaches()
      },
      takeFacts: async (partition) => {
        await this.#keeper.take(partition)
        this.#keeper.start()
      },
      releaseFacts: (partition) => this.#keeper.release(partition),
      consumePartition: async (partition, mayBind) => {
        const source = new PartitionSource({
          connection,
          clock,
          logger,
          durable: config.natsConsumer,
          partition,
          limits: this.#parts.consumerLimits,
          mayBind,
          sourceCount: () => this.#work.ownedPartitionCount,
        })
        return { source, release: await this.ingestion.consume(source, { isForwarded: true }) }
      },
      consumeStream: (mayBind) => {
        const { ingestion, consumerLimits } = this.#parts
        return consumeEventStream(this.#options, { ingestion, consumerLimits, signal: this.#closed.signal, mayBind })
      },
      releaseDeferred: () => this.#parts.deferredConsumers.release(),
      countInFlight: (isAffected) => {
        const recalculated = this.#events.recalculatedTenant()
        return (
          this.ingestion.countInFlight(isAffected) + (recalculated !== undefined && isAffected(recalculated) ? 1 : 0)
        )
      },
      flush: () => this.ingestion.flush(),
      routePending: () => this.ingestion.routePending(),
      resetTenants: (isAffected) => {
        versions.forget(isAffected)
        live.endReassigned(isAffected)
      },
    }
  }
}

/**
 * The work of one member for its assignments: consumes its partitions and, as the leader, the event stream, and hands partitions over to other members.
 */
import { type Clock, sleep } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { TenantAssignment } from '../ingest/ports.ts'
import { assignmentsOf, type ClusterState, partitionOfTenant } from './cluster-state.ts'
import { LocalRoutes } from './local-routes.ts'
import type { AssignedIngestion, Consumption, ForwardedEvents, PartitionConsumer } from './ports.ts'

const DRAIN_POLL_MS = 20
const LOCAL_ROUTE_INTERVAL_MS = 250

export interface AssignedWorkOptions {
  /** The id of this member. */
  readonly member: string
  readonly ingestion: AssignedIngestion
  readonly forwarded: ForwardedEvents
  /** The current state of the cluster; undefined while it is not known. */
  readonly freshState: () => ClusterState | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

export class AssignedWork {
  readonly #options: AssignedWorkOptions
  /** Partitions whose events this process stores. */
  readonly #ownedPartitions = new Set<number>()
  readonly #consumptions = new Map<number, Consumption<PartitionConsumer>>()
  readonly #localRoutes: LocalRoutes
  #stream: Consumption | undefined
  #owners: ClusterState['partitions'] = []

  constructor(options: AssignedWorkOptions) {
    const { ingestion, forwarded, clock, signal } = options
    this.#options = options
    this.#localRoutes = new LocalRoutes({
      forwarded,
      // A partition that is being handed over is still consumed, but must not become local again.
      consumers: () =>
        [...this.#consumptions]
          .filter(([partition]) => this.#ownedPartitions.has(partition))
          .map(([partition, { source }]) => [partition, source] as const),
      flush: () => ingestion.flush(),
      onDecided: () => ingestion.routePending(),
      clock,
      signal,
    })
  }

  get assignment(): TenantAssignment {
    return this.#localRoutes
  }

  get ownedPartitionCount(): number {
    return this.#ownedPartitions.size
  }

  /** The member that stores a tenant's events; undefined = none at the moment. */
  ownerOf(tenantId: string): string | undefined {
    return this.#owners[partitionOfTenant(tenantId)] ?? undefined
  }

  isLocal(tenantId: string): boolean {
    return this.#ownedPartitions.has(partitionOfTenant(tenantId))
  }

  isLeader(): boolean {
    return this.#stream !== undefined
  }

  /** Whether every assignment in the cluster state is consumed: each partition of this member, and the event stream if it is the leader. */
  isBound(): boolean {
    const state = this.#options.freshState()
    if (!state?.areUnknownWritersFenced || state.leader === null) return false
    const { isLeader, partitions } = assignmentsOf(state, this.#options.member)
    // A partition that is assigned and not consumed yet is not bound.
    const arePartitionsBound = [...partitions].every((each) => this.#consumptions.get(each)?.source.isBound() === true)
    return arePartitionsBound && (!isLeader || this.#stream?.source.isBound() === true)
  }

  async startPartition(partition: number): Promise<void> {
    const { ingestion, member, signal } = this.#options
    await ingestion.openStore()
    await ingestion.takeFacts(partition)
    this.#ownedPartitions.add(partition)
    this.#resetTenantsOf(new Set([partition]))
    const consumption = await ingestion.consumePartition(partition, () =>
      this.#assertAssigned((state) => assignmentsOf(state, member).partitions.has(partition)),
    )
    if (signal.aborted) await consumption.release()
    else this.#consumptions.set(partition, consumption)
  }

  async stopPartition(partition: number): Promise<void> {
    const { ingestion, clock, signal } = this.#options
    // From now on its events are forwarded to its next owner.
    this.#ownedPartitions.delete(partition)
    this.#localRoutes.close(partition)
    await ingestion.releaseDeferred()
    await this.#consumptions.get(partition)?.release()
    this.#consumptions.delete(partition)
    const isAffected = (tenantId: string) => partitionOfTenant(tenantId) === partition
    while (ingestion.countInFlight(isAffected) > 0 && !signal.aborted) {
      ingestion.flush()
      await sleep(clock, DRAIN_POLL_MS, signal)
    }
    if (!signal.aborted) await ingestion.releaseFacts(partition)
    this.#resetTenantsOf(new Set([partition]))
  }

  async startLeading(): Promise<void> {
    const { ingestion, member } = this.#options
    await this.#localRoutes.open()
    this.#stream = await ingestion.consumeStream(() =>
      this.#assertAssigned((state) => assignmentsOf(state, member).isLeader),
    )
  }

  async stopLeading(): Promise<void> {
    await this.#stream?.release()
    this.#stream = undefined
    this.#localRoutes.closeAll()
  }

  onStateChanged({ partitions }: ClusterState): void {
    const previousOwners = this.#owners
    this.#owners = partitions
    const moved = partitions.flatMap((owner, partition) => (owner === previousOwners[partition] ? [] : [partition]))
    if (moved.length > 0) this.#resetTenantsOf(new Set(moved))
  }

  /** While this process is the leader, makes its own partitions local whenever that is possible. Resolves when the signal aborts. */
  async openLocalRoutes(): Promise<void> {
    const { clock, logger, signal } = this.#options
    while (!signal.aborted) {
      await sleep(clock, LOCAL_ROUTE_INTERVAL_MS, signal)
      if (!this.isLeader()) continue
      try {
        await this.#localRoutes.open()
      } catch (error) {
        if (!signal.aborted) logger.warn('local routes cannot be opened yet; forwarding local events', { error })
      }
    }
  }

  /** Forgets every assignment, after the ingestion has stopped. */
  clear(): void {
    this.#stream = undefined
    this.#ownedPartitions.clear()
    this.#owners = []
  }

  /** Rejects while the assignment is not certain: a process that was suspended has to read the state first. */
  async #assertAssigned(isAssigned: (state: ClusterState) => boolean): Promise<void> {
    const state = this.#options.freshState()
    if (this.#options.signal.aborted || !state || !isAssigned(state))
      throw new Error('The cluster state has to be read first.')
  }

  #resetTenantsOf(partitions: ReadonlySet<number>): void {
    this.#options.ingestion.resetTenants((tenantId) => partitions.has(partitionOfTenant(tenantId)))
  }
}

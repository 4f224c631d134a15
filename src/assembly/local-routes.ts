/**
 * The router's own partitions: what it takes from the stream for them need not go by the broker again. It must not overtake what was passed on before, by this router or by
 * one before it, as the first of two events of one id is the one that counts: so a partition's events wait until that is settled, and go the short way from then on.
 */
import type { JetStreamManager } from 'nats'
import { type Clock, sleep } from '../base/clock.ts'
import type { Ingestion } from '../ingest/ingestion.ts'
import type { TenantRoute } from '../ingest/ports.ts'
import type { PartitionSource } from '../nats/partitions/partition-source.ts'
import { lastForwardedSequence, type PartitionForwarder } from '../nats/partitions/partition-stream.ts'
import { partitionOfTenant } from '../cluster/cluster-state.ts'

const POLL_MS = 20
/** Where it takes longer until all is settled, events go on as before; it is tried again. */
const MAX_PENDING_MS = 1_000

export interface LocalRoutesOptions {
  readonly durable: string
  readonly sender: PartitionForwarder
  /** The partitions that are consumed here. */
  readonly sources: () => Iterable<readonly [partition: number, source: PartitionSource]>
  readonly ingestion: () => Ingestion
  readonly clock: Clock
  readonly signal: AbortSignal
}

export class LocalRoutes {
  readonly #options: LocalRoutesOptions
  /** By partition; one that is not in here is passed on. */
  readonly #routes = new Map<number, TenantRoute>()

  constructor(options: LocalRoutesOptions) {
    this.#options = options
  }

  routeOf(tenantId: string): TenantRoute {
    return this.#routes.get(partitionOfTenant(tenantId)) ?? 'others'
  }

  /** Whatever comes from now on is passed on. */
  close(partition: number): void {
    this.#routes.delete(partition)
    this.#options.ingestion().routePending()
  }

  closeAll(): void {
    this.#routes.clear()
    this.#options.ingestion().routePending()
  }

  /** Takes the short way for all partitions that are consumed here, as far as it is free. Rejects when the broker does not answer. */
  async open(jsm: JetStreamManager): Promise<void> {
    const forwarded = [...this.#options.sources()].filter(
      ([partition, source]) => !this.#routes.has(partition) && source.isCaughtUp,
    )
    if (forwarded.length === 0) return
    for (const [partition] of forwarded) this.#routes.set(partition, 'unsettled')
    try {
      await Promise.all(forwarded.map(([partition, source]) => this.#openWhenSettled(jsm, partition, source)))
    } finally {
      for (const [partition] of forwarded)
        if (this.#routes.get(partition) === 'unsettled') this.#routes.delete(partition)
      this.#options.ingestion().routePending()
    }
  }

  async #openWhenSettled(jsm: JetStreamManager, partition: number, source: PartitionSource): Promise<void> {
    const { durable, sender, ingestion, clock, signal } = this.#options
    const deadline = clock.monotonic() + MAX_PENDING_MS
    await sender.idle(partition)
    const last = await lastForwardedSequence(jsm, durable, partition)
    while (source.settledUpTo < last && clock.monotonic() < deadline && !signal.aborted) {
      ingestion().flush()
      await sleep(clock, POLL_MS, signal)
    }
    // It may have been left meanwhile.
    if (source.settledUpTo >= last && this.#routes.get(partition) === 'unsettled') this.#routes.set(partition, 'ours')
  }
}

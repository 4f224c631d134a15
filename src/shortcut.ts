/**
 * The router's own partitions: what it takes from the stream for them need not go by the broker again. It must not overtake what was passed on before, by this router or by
 * one before it, as the first of two events of one id is the one that counts: so a partition's events wait until that is settled, and go the short way from then on.
 */
import type { JetStreamManager } from 'nats'
import { type Clock, sleep } from './clock.ts'
import type { Ingestion } from './ingest/ingestion.ts'
import type { Way } from './ingest/ports.ts'
import type { PartitionSource } from './nats/partition-source.ts'
import { lastPassedOn, type PartitionSender } from './nats/partition-stream.ts'
import { partitionOf } from './sharing/board.ts'

const POLL_MS = 20
/** Where it takes longer until all is settled, events go on as before; it is tried again. */
const MAX_UNSETTLED_MS = 1_000

export interface ShortcutOptions {
  readonly durable: string
  readonly sender: PartitionSender
  /** The partitions that are consumed here. */
  readonly sources: () => Iterable<readonly [partition: number, source: PartitionSource]>
  readonly ingestion: () => Ingestion
  readonly clock: Clock
  readonly signal: AbortSignal
}

export class Shortcut {
  readonly #options: ShortcutOptions
  /** By partition; one that is not in here is passed on. */
  readonly #ways = new Map<number, Way>()

  constructor(options: ShortcutOptions) {
    this.#options = options
  }

  wayOf(tenantId: string): Way {
    return this.#ways.get(partitionOf(tenantId)) ?? 'others'
  }

  /** Whatever comes from now on is passed on. */
  leave(partition: number): void {
    this.#ways.delete(partition)
    this.#options.ingestion().reroute()
  }

  leaveAll(): void {
    this.#ways.clear()
    this.#options.ingestion().reroute()
  }

  /** Takes the short way for all partitions that are consumed here, as far as it is free. Rejects when the broker does not answer. */
  async take(jsm: JetStreamManager): Promise<void> {
    const longOnes = [...this.#options.sources()].filter(
      ([partition, source]) => !this.#ways.has(partition) && source.isCaughtUp,
    )
    if (longOnes.length === 0) return
    for (const [partition] of longOnes) this.#ways.set(partition, 'unsettled')
    try {
      await Promise.all(longOnes.map(([partition, source]) => this.#settle(jsm, partition, source)))
    } finally {
      for (const [partition] of longOnes) if (this.#ways.get(partition) === 'unsettled') this.#ways.delete(partition)
      this.#options.ingestion().reroute()
    }
  }

  async #settle(jsm: JetStreamManager, partition: number, source: PartitionSource): Promise<void> {
    const { durable, sender, ingestion, clock, signal } = this.#options
    const until = clock.monotonic() + MAX_UNSETTLED_MS
    await sender.idle(partition)
    const last = await lastPassedOn(jsm, durable, partition)
    while (source.settledUpTo < last && clock.monotonic() < until && !signal.aborted) {
      ingestion().flush()
      await sleep(clock, POLL_MS, signal)
    }
    // It may have been left meanwhile.
    if (source.settledUpTo >= last && this.#ways.get(partition) === 'unsettled') this.#ways.set(partition, 'ours')
  }
}

/**
 * Lets the leader store the events of its own partitions without forwarding them through the broker. Such an event must not overtake events that this or an earlier leader has
 * forwarded, because the first of two events with one id is the one that counts. So the events of a partition wait until its forwarded ones are settled, and are local from then
 * on.
 */
import { type Clock, sleep } from '../base/clock.ts'
import type { TenantAssignment, TenantLocation } from '../ingest/ports.ts'
import { partitionOfTenant } from './cluster-state.ts'
import type { ForwardedEvents, PartitionConsumer } from './ports.ts'

const POLL_MS = 20
/** When forwarded events are not settled within this time, events are forwarded as before, and the next call tries again. */
const MAX_PENDING_MS = 1_000

export interface LocalRoutesOptions {
  readonly forwarded: ForwardedEvents
  /** The partitions that this process consumes. */
  readonly consumers: () => Iterable<readonly [partition: number, consumer: PartitionConsumer]>
  /** Stores buffered events now. */
  readonly flush: () => void
  /** Called when the location of waiting events may have been decided. */
  readonly onDecided: () => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

export class LocalRoutes implements TenantAssignment {
  readonly #options: LocalRoutesOptions
  /** By partition; a partition without an entry is remote. */
  readonly #locations = new Map<number, TenantLocation>()

  constructor(options: LocalRoutesOptions) {
    this.#options = options
  }

  locationOf(tenantId: string): TenantLocation {
    return this.#locations.get(partitionOfTenant(tenantId)) ?? 'remote'
  }

  /** Events of the partition are forwarded from now on. */
  close(partition: number): void {
    this.#locations.delete(partition)
    this.#options.onDecided()
  }

  closeAll(): void {
    this.#locations.clear()
    this.#options.onDecided()
  }

  /** Makes every partition that is consumed here local, as far as its forwarded events are settled. Rejects when the broker does not respond. */
  async open(): Promise<void> {
    const remote = [...this.#options.consumers()].filter(
      ([partition, consumer]) => !this.#locations.has(partition) && consumer.isCaughtUp,
    )
    if (remote.length === 0) return
    for (const [partition] of remote) this.#locations.set(partition, 'pending')
    try {
      await Promise.all(remote.map(([partition, consumer]) => this.#openWhenSettled(partition, consumer)))
    } finally {
      for (const [partition] of remote)
        if (this.#locations.get(partition) === 'pending') this.#locations.delete(partition)
      this.#options.onDecided()
    }
  }

  async #openWhenSettled(partition: number, consumer: PartitionConsumer): Promise<void> {
    const { forwarded, flush, clock, signal } = this.#options
    const deadline = clock.monotonic() + MAX_PENDING_MS
    await forwarded.idle(partition)
    const last = await forwarded.lastSequence(partition)
    while (consumer.settledUpTo < last && clock.monotonic() < deadline && !signal.aborted) {
      flush()
      await sleep(clock, POLL_MS, signal)
    }
    // The partition may have been closed meanwhile.
    if (consumer.settledUpTo >= last && this.#locations.get(partition) === 'pending')
      this.#locations.set(partition, 'local')
  }
}

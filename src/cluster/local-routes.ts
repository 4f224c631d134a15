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

interface Route {
  location: TenantLocation
}

function newRoute(): Route {
  return { location: 'pending' }
}

interface OpeningRoute {
  readonly partition: number
  readonly consumer: PartitionConsumer
  readonly route: Route
}

export interface LocalRoutesOptions {
  readonly forwarded: ForwardedEvents
  /** The partitions that this process owns and consumes. */
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
  /** By partition; a partition without a route is remote. A partition that is closed and opened again has another route. */
  readonly #routes = new Map<number, Route>()

  constructor(options: LocalRoutesOptions) {
    this.#options = options
  }

  locationOf(tenantId: string): TenantLocation {
    return this.#routes.get(partitionOfTenant(tenantId))?.location ?? 'remote'
  }

  /** Events of the partition are forwarded from now on. */
  close(partition: number): void {
    this.#routes.delete(partition)
    this.#options.onDecided()
  }

  closeAll(): void {
    this.#routes.clear()
    this.#options.onDecided()
  }

  /** Makes every partition that is owned and consumed here local, as far as its forwarded events are settled. Rejects when the broker does not respond. */
  async open(): Promise<void> {
    const opening = [...this.#options.consumers()]
      .filter(([partition, consumer]) => !this.#routes.has(partition) && consumer.isCaughtUp)
      .map(([partition, consumer]) => ({ partition, consumer, route: newRoute() }))
    if (opening.length === 0) return
    for (const { partition, route } of opening) this.#routes.set(partition, route)
    try {
      await Promise.all(opening.map((each) => this.#openWhenSettled(each)))
    } finally {
      for (const { partition, route } of opening)
        if (route.location === 'pending' && this.#routes.get(partition) === route) this.#routes.delete(partition)
      this.#options.onDecided()
    }
  }

  /** Has no effect on a partition that was closed meanwhile: its route is not in use any more. */
  async #openWhenSettled({ partition, consumer, route }: OpeningRoute): Promise<void> {
    const { forwarded, flush, clock, signal } = this.#options
    const deadline = clock.monotonic() + MAX_PENDING_MS
    await forwarded.idle(partition)
    const last = await forwarded.lastSequence(partition)
    while (consumer.settledUpTo < last && clock.monotonic() < deadline && !signal.aborted) {
      flush()
      await sleep(clock, POLL_MS, signal)
    }
    if (consumer.settledUpTo >= last) route.location = 'local'
  }
}

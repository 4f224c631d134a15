import { whenAborted, type Clock, sleep } from '../base/clock.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { AckFloor } from './accounting/ack-floor.ts'
import type { EventRouter } from './event-router.ts'
import type { Capacity, Delivery, DeliveryHandler, EventSource } from './ports.ts'
import type { SourceContext } from './stages.ts'

const QUIESCE_POLL_MS = 20

export interface IntakeOptions {
  readonly source: EventSource
  readonly context: SourceContext
  /** Whether deliveries arrive as they are published, so that their age shows the lag of this process. */
  readonly isLive: boolean
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  readonly capacity: () => Capacity
  /** The most deliveries above the floor, settled or not: the broker may have to deliver these again. */
  readonly maxUnacknowledged: number
  /** The stage after this one. */
  readonly router: Pick<EventRouter, 'accept'>
  /** Makes everything that is buffered due. */
  readonly flush: () => void
}

/** The first stage, one per source: tracks each delivery, recognises redeliveries, and acknowledges the floor. */
export class Intake implements DeliveryHandler {
  readonly #options: IntakeOptions
  readonly #floor: AckFloor
  readonly #stopped = new AbortController()
  #undeliveredCount = 0
  #lastPublishedAt = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#floor = new AckFloor((sequence) => options.source.acknowledge(sequence), options.isLive)
  }

  start(): Promise<void> {
    return this.#options.source.start(this)
  }

  /** Resolves when no more deliveries arrive, or when `deadline` aborts. */
  async pause(deadline: AbortSignal): Promise<void> {
    // A source that waits for `quiesce` pauses only after `stop`.
    await Promise.race([this.#options.source.pause(), whenAborted(deadline)])
  }

  get isLive(): boolean {
    return this.#floor.isLive
  }

  /** Ends every `quiesce` that still waits for unsettled deliveries. */
  stop(): void {
    this.#stopped.abort()
  }

  deliver(delivery: Delivery): void {
    const { source, router, context, metrics } = this.#options
    const pending = this.#floor.track(delivery)
    this.#lastPublishedAt = delivery.publishedAt
    if (pending) return router.accept(delivery, pending, context)
    metrics.eventsRedelivered.add(1)
    // A settled message is delivered again only when its acknowledgement was lost. Unless that is repeated, the redeliveries continue until a new message moves the floor.
    if (delivery.sequence <= this.#floor.floor) source.acknowledge(this.#floor.floor)
  }

  reportPending(count: number): void {
    this.#undeliveredCount = count
  }

  /** The number of messages that the source has not delivered yet. */
  get undeliveredCount(): number {
    return this.#undeliveredCount
  }

  capacity(): Capacity {
    const { capacity, maxUnacknowledged } = this.#options
    const { events, bytes } = capacity()
    return { events: Math.max(0, Math.min(events, maxUnacknowledged - this.#floor.pendingCount)), bytes }
  }

  async quiesce(): Promise<number> {
    const { clock, flush } = this.#options
    while (this.#floor.pendingCount > 0 && !this.#stopped.signal.aborted) {
      flush()
      await sleep(clock, QUIESCE_POLL_MS, this.#stopped.signal)
    }
    return this.#floor.floor
  }

  startAfter(sequence: number): void {
    this.#floor.restart(sequence)
  }

  /** Capacity was freed. */
  wake(): void {
    this.#options.source.wake()
  }

  /** The number of messages that are not delivered yet, and the age in seconds of the oldest message that is not settled, as far as it is known. */
  lag(now: number): { readonly messages: number; readonly seconds: number } {
    const messages = this.#undeliveredCount
    // Undelivered messages were published after the last delivered one.
    const since = this.#floor.oldestPublishedAt ?? (messages > 0 ? this.#lastPublishedAt : now)
    return { messages, seconds: Math.max(0, now - since) / 1000 }
  }
}

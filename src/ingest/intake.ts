import { whenAborted, type Clock, sleep } from '../base/clock.ts'
import { AckFloor, type PendingDelivery } from './accounting/ack-floor.ts'
import type { Capacity, Delivery, DeliveryHandler, EventSource } from './ports.ts'

const QUIESCE_POLL_MS = 20

export interface IntakeOptions {
  readonly source: EventSource
  /** Whether deliveries come as they are published, so that their age tells how far behind we are. */
  readonly isLive: boolean
  readonly clock: Clock
  /** A delivery that was not open before. */
  readonly onDelivery: (delivery: Delivery, ticket: PendingDelivery) => void
  /** The same delivery once more, while or after being processed. */
  readonly onRedelivery: () => void
  readonly capacity: () => Capacity
  /** So many deliveries may stand above the floor, settled or not: what the broker may have to deliver again. */
  readonly maxUnacknowledged: number
  /** Makes everything that is buffered due. */
  readonly flush: () => void
}

/** One source of deliveries and its floor: opens a ticket for each delivery, and acknowledges what is settled below the floor. */
export class Intake implements DeliveryHandler {
  readonly #options: IntakeOptions
  readonly #floor: AckFloor
  readonly #stopped = new AbortController()
  #pendingCount = 0
  #lastPublishedAt = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#floor = new AckFloor((sequence) => options.source.acknowledge(sequence), options.isLive)
  }

  start(): Promise<void> {
    return this.#options.source.start(this)
  }

  /** No more deliveries after it resolves, unless `deadline` aborts first. */
  async pause(deadline: AbortSignal): Promise<void> {
    // A source that is waiting for us to quiesce ends only with `#stopped`.
    await Promise.race([this.#options.source.pause(), whenAborted(deadline)])
  }

  get isLive(): boolean {
    return this.#floor.isLive
  }

  /** Nobody waits any longer for what is open. */
  stop(): void {
    this.#stopped.abort()
  }

  deliver(delivery: Delivery): void {
    const pending = this.#floor.track(delivery)
    this.#lastPublishedAt = delivery.publishedAt
    if (pending) return this.#options.onDelivery(delivery, pending)
    this.#options.onRedelivery()
    // What is settled comes again only when its acknowledgement was lost: without another one it would come for ever, as long as nothing new moves the floor.
    if (delivery.sequence <= this.#floor.floor) this.#options.source.acknowledge(this.#floor.floor)
  }

  reportPending(count: number): void {
    this.#pendingCount = count
  }

  capacity(): Capacity {
    const { capacity, maxUnacknowledged: maxOpen } = this.#options
    const { events, bytes } = capacity()
    return { events: Math.max(0, Math.min(events, maxOpen - this.#floor.pendingCount)), bytes }
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

  /** Messages that wait to be delivered, and how long ago the oldest one that is not settled was published, as far as that is known. */
  lag(now: number): { readonly messages: number; readonly seconds: number } {
    const messages = this.#pendingCount
    const { oldest } = this.#floor
    // What waits undelivered was published after what was delivered last.
    const since = oldest?.publishedAt ?? (messages > 0 ? this.#lastPublishedAt : now)
    return { messages, seconds: Math.max(0, now - since) / 1000 }
  }
}

import { aborted, type Clock, sleep } from '../clock.ts'
import { AckFloor, type Ticket } from './ack-floor.ts'
import type { Capacity, Delivery, DeliveryHandler, EventSource } from './ports.ts'

const QUIESCE_POLL_MS = 20

export interface IntakeOptions {
  readonly source: EventSource
  /** Whether deliveries come as they are published, so that their age tells how far behind we are. */
  readonly isLive: boolean
  readonly clock: Clock
  /** A delivery that was not open before. */
  readonly onTaken: (delivery: Delivery, ticket: Ticket) => void
  /** The same delivery once more, while or after being processed. */
  readonly onRepeated: () => void
  readonly capacity: () => Capacity
  /** So many deliveries may stand above the floor, settled or not: what the broker may have to deliver again. */
  readonly maxOpen: number
  /** Makes everything that is buffered due. */
  readonly flush: () => void
}

/** One source of deliveries and its floor: opens a ticket for each delivery, and acknowledges what is settled below the floor. */
export class Intake implements DeliveryHandler {
  readonly #options: IntakeOptions
  readonly #floor: AckFloor
  readonly #stopped = new AbortController()
  #waitingCount = 0
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
    await Promise.race([this.#options.source.pause(), aborted(deadline)])
  }

  get isLive(): boolean {
    return this.#floor.isLive
  }

  /** Nobody waits any longer for what is open. */
  stop(): void {
    this.#stopped.abort()
  }

  deliver(delivery: Delivery): void {
    const ticket = this.#floor.open(delivery)
    this.#lastPublishedAt = delivery.publishedAt
    if (ticket) return this.#options.onTaken(delivery, ticket)
    this.#options.onRepeated()
    // What is settled comes again only when its acknowledgement was lost: without another one it would come for ever, as long as nothing new moves the floor.
    if (delivery.sequence <= this.#floor.floor) this.#options.source.acknowledge(this.#floor.floor)
  }

  waiting(count: number): void {
    this.#waitingCount = count
  }

  capacity(): Capacity {
    const { capacity, maxOpen } = this.#options
    const { events, bytes } = capacity()
    return { events: Math.max(0, Math.min(events, maxOpen - this.#floor.openCount)), bytes }
  }

  async quiesce(): Promise<number> {
    const { clock, flush } = this.#options
    while (this.#floor.openCount > 0 && !this.#stopped.signal.aborted) {
      flush()
      await sleep(clock, QUIESCE_POLL_MS, this.#stopped.signal)
    }
    return this.#floor.floor
  }

  startBehind(sequence: number): void {
    this.#floor.restart(sequence)
  }

  /** Capacity was freed. */
  wake(): void {
    this.#options.source.wake()
  }

  /** Messages that wait to be delivered, and how long ago the oldest one that is not settled was published, as far as that is known. */
  lag(now: number): { readonly messages: number; readonly seconds: number } {
    const messages = this.#waitingCount
    const { oldest } = this.#floor
    // What waits undelivered was published after what was delivered last.
    const since = oldest?.publishedAt ?? (messages > 0 ? this.#lastPublishedAt : now)
    return { messages, seconds: Math.max(0, now - since) / 1000 }
  }
}

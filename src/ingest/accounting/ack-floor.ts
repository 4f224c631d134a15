import type { Delivery } from '../ports.ts'
import { DeliveryRing } from './delivery-ring.ts'

/** Names a delivery that is in flight until it is settled: stored, known to be stored, a dead letter, deferred, forwarded or ignored. Several objects may name one delivery. */
export class PendingDelivery {
  readonly floor: AckFloor
  readonly ring: DeliveryRing
  readonly slot: number
  readonly sequence: number
  /** When the broker stored it, in epoch milliseconds. */
  readonly publishedAt: number
  /** The size of its message. */
  readonly byteLength: number

  constructor(
    floor: AckFloor,
    ring: DeliveryRing,
    slot: number,
    sequence: number,
    publishedAt: number,
    byteLength: number,
  ) {
    this.floor = floor
    this.ring = ring
    this.slot = slot
    this.sequence = sequence
    this.publishedAt = publishedAt
    this.byteLength = byteLength
  }

  get isSettled(): boolean {
    return this.ring.isSettled(this.slot)
  }

  settle(): void {
    this.ring.settle(this.slot)
  }
}

/**
 * The acknowledgement floor: the highest stream sequence up to which every delivery is settled. It is the only sequence that may be acknowledged cumulatively. Deliveries
 * must be tracked in ascending order; they may settle in any order.
 */
export class AckFloor {
  /** Whether deliveries arrive as they are published, not long after. */
  readonly isLive: boolean
  readonly #onAdvanced: (floor: number) => void
  #ring = new DeliveryRing()
  #lastSequence = 0
  #floor = 0
  /** The floor of the last successful call of `onAdvanced`. */
  #announcedFloor = 0

  /** `onAdvanced` is called with each new floor. */
  constructor(onAdvanced: (floor: number) => void, isLive = true) {
    this.#onAdvanced = onAdvanced
    this.isLive = isLive
  }

  /** Undefined when this or a higher sequence was tracked before: the delivery is a redelivery. */
  track({
    sequence,
    publishedAt,
    data,
  }: Pick<Delivery, 'sequence' | 'publishedAt' | 'data'>): PendingDelivery | undefined {
    if (sequence <= this.#lastSequence) return undefined
    this.#lastSequence = sequence
    const slot = this.#ring.add(sequence, publishedAt)
    return new PendingDelivery(this, this.#ring, slot, sequence, publishedAt, data.byteLength)
  }

  /** Moves the floor over settled deliveries, and calls `onAdvanced` when it moved. When that throws, the next call repeats it. */
  advance(): void {
    this.#floor = this.#ring.removeSettled() ?? this.#floor
    if (this.#floor === this.#announcedFloor) return
    this.#onAdvanced(this.#floor)
    this.#announcedFloor = this.#floor
  }

  /** Drops all tracked deliveries and accepts deliveries after `floor` again. */
  restart(floor: number): void {
    this.#ring = new DeliveryRing()
    this.#lastSequence = floor
    this.#floor = floor
    this.#announcedFloor = floor
  }

  get floor(): number {
    return this.#floor
  }

  /** When the broker stored the oldest delivery that is not settled, in epoch milliseconds. */
  get oldestPublishedAt(): number | undefined {
    return this.#ring.oldestPublishedAt
  }

  get pendingCount(): number {
    return this.#ring.length
  }
}

import type { NatsConnection } from 'nats'
import type { NatsDelivery } from './delivery.ts'

const ACK = new TextEncoder().encode('+ACK')

/** A delivery that the broker waits to hear of. */
export type UnacknowledgedDelivery = Pick<NatsDelivery, 'sequence' | 'consumerSequence' | 'reply'>

/** The deliveries that are not acknowledged, in the order of the stream. */
export class UnacknowledgedDeliveries {
  #open: UnacknowledgedDelivery[] = []

  /** Adds a delivery; one that comes again is known already. */
  add({ sequence, consumerSequence, reply }: UnacknowledgedDelivery): void {
    const last = this.#open.at(-1)
    if (!last || last.sequence < sequence) this.#open.push({ sequence, consumerSequence, reply })
  }

  /** Acknowledges everything up to a sequence of the stream: each delivery of a queue, else all of them at once. Returns what was open until now. */
  acknowledge(sequence: number, connection: NatsConnection, isQueue: boolean): readonly UnacknowledgedDelivery[] {
    let count = 0
    while (count < this.#open.length && this.#open[count]!.sequence <= sequence) count++
    if (count === 0) return []
    const settled = this.#open.slice(0, count)
    this.#open = this.#open.slice(count)
    // An acknowledgement that gets lost only brings a redelivery, which is recognised.
    if (!connection.isClosed())
      for (const { reply } of isQueue ? settled : settled.slice(-1)) connection.publish(reply, ACK)
    return settled
  }

  clear(): void {
    this.#open = []
  }
}

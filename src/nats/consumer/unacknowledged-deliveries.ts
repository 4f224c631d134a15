import type { NatsConnection } from 'nats'
import type { NatsDelivery } from './delivery.ts'

const ACK = new TextEncoder().encode('+ACK')

/** A delivery that is not acknowledged. */
export type UnacknowledgedDelivery = Pick<NatsDelivery, 'sequence' | 'consumerSequence' | 'reply'>

/** The deliveries that are not acknowledged, in stream order. */
export class UnacknowledgedDeliveries {
  #open: UnacknowledgedDelivery[] = []

  /** Adds a delivery; a redelivery is already in the list. */
  add({ sequence, consumerSequence, reply }: UnacknowledgedDelivery): void {
    const last = this.#open.at(-1)
    if (!last || last.sequence < sequence) this.#open.push({ sequence, consumerSequence, reply })
  }

  /** Acknowledges everything up to a sequence of the stream: each delivery of a queue, otherwise all of them with one message. Returns the deliveries that this acknowledges. */
  acknowledge(sequence: number, connection: NatsConnection, isQueue: boolean): readonly UnacknowledgedDelivery[] {
    let count = 0
    while (count < this.#open.length && this.#open[count]!.sequence <= sequence) count++
    if (count === 0) return []
    const settled = this.#open.slice(0, count)
    this.#open = this.#open.slice(count)
    // A lost acknowledgement only causes a redelivery, which is recognised as a duplicate.
    if (!connection.isClosed())
      for (const { reply } of isQueue ? settled : settled.slice(-1)) connection.publish(reply, ACK)
    return settled
  }

  clear(): void {
    this.#open = []
  }
}

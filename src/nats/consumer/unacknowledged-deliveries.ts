import type { NatsConnection } from 'nats'
import type { ReplyNumbers } from './delivery.ts'

const ACK = new TextEncoder().encode('+ACK')
/** The digits of a timestamp behind its milliseconds. */
const NANOSECOND_DIGITS = 6

/** The fields of a delivery that its acknowledgement needs. */
export interface UnacknowledgedDelivery {
  readonly sequence: number
  readonly consumerSequence: number
  readonly publishedAt: number
  readonly pending: number
  /** The subject of the acknowledgement. */
  readonly reply: string
  /** Undefined when `reply` cannot be made again from its numbers. */
  readonly replyNumbers: ReplyNumbers | undefined
}

/**
 * The deliveries that are not acknowledged, in stream order. One array per field, and no reply subject where it can be made again: an object and a string per delivery would be
 * most of the memory that is held until an event is stored.
 */
export class UnacknowledgedDeliveries {
  #sequences: number[] = []
  #consumerSequences: number[] = []
  #publishedAt: number[] = []
  #nanoseconds: number[] = []
  #pending: number[] = []
  #deliveryCounts: number[] = []
  /** The number of acknowledged deliveries at the front of the arrays. */
  #head = 0
  /** The beginning of the reply subjects. */
  #replyPrefix = ''
  /** Reply subjects of another form, by sequence. */
  readonly #otherReplies = new Map<number, string>()

  /** Adds a delivery; a redelivery is already in the list. */
  add({ sequence, consumerSequence, publishedAt, pending, reply, replyNumbers }: UnacknowledgedDelivery): void {
    const { length } = this.#sequences
    const isEmpty = length === this.#head
    if (!isEmpty && this.#sequences[length - 1]! >= sequence) return
    if (replyNumbers === undefined || !this.#hasPrefix(reply, replyNumbers.prefixLength, isEmpty))
      this.#otherReplies.set(sequence, reply)
    this.#sequences.push(sequence)
    this.#consumerSequences.push(consumerSequence)
    this.#publishedAt.push(publishedAt)
    this.#nanoseconds.push(replyNumbers?.nanoseconds ?? 0)
    this.#pending.push(pending)
    this.#deliveryCounts.push(replyNumbers?.deliveryCount ?? 0)
  }

  /**
   * Acknowledges everything up to a sequence of the stream: each delivery of a queue, otherwise all of them with one message. Returns the sequences that this acknowledges, and
   * the consumer's number of the last one.
   */
  acknowledge(
    sequence: number,
    connection: NatsConnection,
    isQueue: boolean,
  ): { readonly sequences: readonly number[]; readonly lastConsumerSequence: number } {
    let end = this.#head
    while (end < this.#sequences.length && this.#sequences[end]! <= sequence) end++
    const sequences = this.#sequences.slice(this.#head, end)
    const lastConsumerSequence = this.#consumerSequences[end - 1] ?? 0
    // A lost acknowledgement only causes a redelivery, which is recognised as a duplicate.
    if (!connection.isClosed())
      for (let index = isQueue ? this.#head : Math.max(this.#head, end - 1); index < end; index++)
        connection.publish(this.#replyOf(index), ACK)
    this.#release(end)
    return { sequences, lastConsumerSequence }
  }

  clear(): void {
    this.#release(this.#sequences.length)
  }

  #hasPrefix(reply: string, length: number, isEmpty: boolean): boolean {
    if (length === this.#replyPrefix.length && reply.startsWith(this.#replyPrefix)) return true
    if (!isEmpty) return false
    this.#replyPrefix = reply.slice(0, length)
    return true
  }

  #replyOf(index: number): string {
    const sequence = this.#sequences[index]!
    const other = this.#otherReplies.get(sequence)
    if (other !== undefined) return other
    const nanoseconds = String(this.#nanoseconds[index]).padStart(NANOSECOND_DIGITS, '0')
    const timestamp = `${this.#publishedAt[index]}${nanoseconds}`
    const numbers = [this.#deliveryCounts[index], sequence, this.#consumerSequences[index], timestamp]
    return `${this.#replyPrefix}${numbers.join('.')}.${this.#pending[index]}`
  }

  /** The arrays are moved only when most of them is acknowledged: moving them for each acknowledgement would take time by their length. */
  #release(head: number): void {
    if (this.#otherReplies.size > 0)
      for (const sequence of this.#sequences.slice(this.#head, head)) this.#otherReplies.delete(sequence)
    this.#head = head
    if (head * 2 < this.#sequences.length) return
    this.#sequences = this.#sequences.slice(head)
    this.#consumerSequences = this.#consumerSequences.slice(head)
    this.#publishedAt = this.#publishedAt.slice(head)
    this.#nanoseconds = this.#nanoseconds.slice(head)
    this.#pending = this.#pending.slice(head)
    this.#deliveryCounts = this.#deliveryCounts.slice(head)
    this.#head = 0
  }
}

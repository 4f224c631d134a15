/**
 * The EventSource of one partition. It receives batches and passes their events to the handler. A batch is acknowledged, and so deleted, when all of its events are settled.
 */
import { AckPolicy, DeliverPolicy, nanos, type NatsConnection } from 'nats'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { PartitionConsumer } from '../../cluster/ports.ts'
import type { Delivery, DeliveryHandler, EventSource } from '../../ingest/ports.ts'
import type { ConsumerLimits } from '../consumer/consumer-config.ts'
import type { ConsumerPlan } from '../consumer/consumer-plan.ts'
import { NatsEventSource } from '../consumer/event-source.ts'
import { PARTITION_STREAM } from '../names.ts'
import { type BatchedEvent, decodeBatch, MAX_BATCH_EVENTS } from './event-batch.ts'
import { ensurePartitionStream, partitionConsumerName, partitionSubject } from './partition-stream.ts'

/** The sequence of an event is computed from the sequence of its batch and its index. Larger than the number of events in a batch. */
const SEQUENCES_PER_BATCH = 1_024
/** With at most this many pending batches the source has caught up. */
const CAUGHT_UP_BATCHES = 2

export interface PartitionSourceOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly partition: number
  readonly limits: ConsumerLimits
  /** Rejects while this process must not consume the partition. */
  readonly mayBind: () => Promise<void>
  /** Number of sources that share the capacity of the handler. */
  readonly sourceCount: () => number
  readonly clock: Clock
  readonly logger: Logger
}

export class PartitionSource implements EventSource, PartitionConsumer {
  readonly #options: PartitionSourceOptions
  readonly #source: NatsEventSource
  /** Sequence of a batch in the stream. */
  #settledUpTo = 0
  #pendingCount = 0

  constructor(options: PartitionSourceOptions) {
    const { connection, clock, logger, durable, partition } = options
    this.#options = options
    const plan = consumerPlanOf(options)
    this.#source = new NatsEventSource({
      connection,
      clock,
      logger,
      durable: partitionConsumerName(durable, partition),
      plan,
    })
  }

  start(handler: DeliveryHandler): Promise<void> {
    const decoder = new BatchDecoder(handler, {
      ...this.#options,
      onPending: (batches) => {
        this.#pendingCount = batches
      },
    })
    return this.#source.start(decoder)
  }

  acknowledge(sequence: number): void {
    // The last event of a batch has the highest sequence of the batch, so a batch with unsettled events is not acknowledged.
    const batchSequence = Math.floor((sequence + 1) / SEQUENCES_PER_BATCH) - 1
    if (batchSequence <= this.#settledUpTo) return
    this.#settledUpTo = batchSequence
    this.#source.acknowledge(batchSequence)
  }

  wake(): void {
    this.#source.wake()
  }

  pause(): Promise<void> {
    return this.#source.pause()
  }

  isBound(): boolean {
    return this.#source.isBound()
  }

  /** Every batch of the stream up to this sequence is settled. */
  get settledUpTo(): number {
    return this.#settledUpTo
  }

  /** Whether almost no batch is pending. */
  get isCaughtUp(): boolean {
    return this.#pendingCount <= CAUGHT_UP_BATCHES
  }
}

interface BatchDecoderOptions extends Pick<PartitionSourceOptions, 'sourceCount' | 'logger'> {
  /** Reports the number of pending batches in the stream. */
  readonly onPending: (batches: number) => void
}

/** Decodes the batches of a source for a handler of events. */
class BatchDecoder implements DeliveryHandler {
  readonly #handler: DeliveryHandler
  readonly #options: BatchDecoderOptions
  /** Resolves when the last compressed batch and every batch after it were delivered. */
  #decoding: Promise<void> | undefined
  #decodingCount = 0
  /** Number of restarts: batches that were received before the last restart are not delivered. */
  #generation = 0
  #lastBatchSize = 1

  constructor(handler: DeliveryHandler, options: BatchDecoderOptions) {
    this.#handler = handler
    this.#options = options
  }

  deliver(batch: Delivery): void {
    const events = this.#decoding ? undefined : this.#decode(batch)
    if (Array.isArray(events)) return this.#deliverAll(batch, events)
    this.#decoding = this.#deliverWhenDecoded(batch, events ?? this.#decode(batch), this.#decoding)
  }

  /** Delivers the batch after the ones before it. */
  async #deliverWhenDecoded(
    batch: Delivery,
    events: BatchedEvent[] | Promise<BatchedEvent[]>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const generation = this.#generation
    this.#decodingCount++
    const decoded = await events
    await before
    if (generation !== this.#generation) return
    this.#deliverAll(batch, decoded)
    if (--this.#decodingCount === 0) this.#decoding = undefined
  }

  /** The number of events in pending batches is unknown and estimated by the size of the last batch. */
  reportPending(count: number): void {
    this.#options.onPending(count)
    this.#handler.reportPending(count * this.#lastBatchSize)
  }

  capacity() {
    const { events, bytes } = this.#handler.capacity()
    const sourceCount = Math.max(1, this.#options.sourceCount())
    return { events: Math.ceil(events / sourceCount / MAX_BATCH_EVENTS), bytes }
  }

  async quiesce(): Promise<number> {
    await this.#decoding
    return Math.floor(((await this.#handler.quiesce()) + 1) / SEQUENCES_PER_BATCH) - 1
  }

  startAfter(sequence: number): void {
    this.#generation++
    this.#decoding = undefined
    this.#decodingCount = 0
    this.#handler.startAfter((sequence + 1) * SEQUENCES_PER_BATCH - 1)
  }

  #decode(batch: Delivery): BatchedEvent[] | Promise<BatchedEvent[]> {
    // An invalid message is passed on unchanged. Its subject is not an event subject, so it becomes a dead letter.
    const unchanged = (error: unknown): BatchedEvent[] => {
      this.#options.logger.error('a forwarded message is not a batch of events', { sequence: batch.sequence, error })
      // Field by field, as a spread does not copy accessors.
      const { place, origin, subject, messageId, headers, data, publishedAt } = batch
      return [{ place, origin, subject, messageId, headers, data, publishedAt }]
    }
    try {
      const events = decodeBatch(batch.data)
      return Array.isArray(events) ? events : events.catch(unchanged)
    } catch (error) {
      return unchanged(error)
    }
  }

  #deliverAll({ sequence: batchSequence, stream }: Delivery, events: readonly BatchedEvent[]): void {
    this.#lastBatchSize = events.length
    for (const [place, event] of events.entries()) {
      const isLast = place === events.length - 1
      const sequence = batchSequence * SEQUENCES_PER_BATCH + (isLast ? SEQUENCES_PER_BATCH - 1 : place)
      this.#handler.deliver({ ...event, stream, sequence })
    }
  }
}

function consumerPlanOf({ durable, partition, limits, mayBind }: PartitionSourceOptions): ConsumerPlan {
  return {
    isQueue: true,
    mayCreate: true,
    async stream(jsm) {
      await mayBind()
      await ensurePartitionStream(jsm)
      return jsm.streams.info(PARTITION_STREAM)
    },
    config: () => ({
      durable_name: partitionConsumerName(durable, partition),
      filter_subject: partitionSubject(durable, partition),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(limits.ackWaitMs),
      max_ack_pending: limits.maxAckPending,
      max_deliver: -1,
      deliver_policy: DeliverPolicy.All,
    }),
  }
}

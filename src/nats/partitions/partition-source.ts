/**
 * The EventSource of one partition: packs come in from its subject, events leave to the handler. A pack is acknowledged when all of it is
 * settled, by which it is gone from the stream.
 */
import { AckPolicy, DeliverPolicy, nanos, type NatsConnection } from 'nats'
import type { Clock } from '../../base/clock.ts'
import type { Delivery, DeliveryHandler, EventSource } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import { decodeBatch, type BatchedEvent } from './event-batch.ts'
import type { ConsumerPlan } from '../consumer/consumer-plan.ts'
import { NatsEventSource } from '../consumer/event-source.ts'
import {
  ensurePartitionStream,
  MAX_BATCH_EVENTS,
  PARTITION_STREAM,
  partitionConsumer,
  partitionSubject,
} from './partition-stream.ts'
import type { ConsumerLimits } from '../topology.ts'

/** Events of a pack are numbered within it: more of them than a pack holds. */
const SEQUENCES_PER_BATCH = 1_024
const CAUGHT_UP_BATCHES = 2

export interface PartitionSourceOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly partition: number
  readonly limits: ConsumerLimits
  /** Rejects while this process must not take what the consumer delivers. */
  readonly mayBind: () => Promise<void>
  /** How many sources share what there is room for. */
  readonly sharers: () => number
  readonly clock: Clock
  readonly logger: Logger
}

export class PartitionSource implements EventSource {
  readonly #options: PartitionSourceOptions
  readonly #source: NatsEventSource
  /** Of the stream's sequences. */
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
      durable: partitionConsumer(durable, partition),
      plan,
    })
  }

  start(handler: DeliveryHandler): Promise<void> {
    const unpacker = new BatchUnpacker(handler, {
      ...this.#options,
      onPending: (packs) => {
        this.#pendingCount = packs
      },
    })
    return this.#source.start(unpacker)
  }

  acknowledge(sequence: number): void {
    // The last event of a pack has its highest number: a pack of which some are open stays.
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

  /** Whatever stands up to it in the stream is settled. */
  get settledUpTo(): number {
    return this.#settledUpTo
  }

  /** Whether hardly anything waits to be taken. */
  get isCaughtUp(): boolean {
    return this.#pendingCount <= CAUGHT_UP_BATCHES
  }
}

interface BatchUnpackerOptions extends Pick<PartitionSourceOptions, 'sharers' | 'logger'> {
  /** So many packs wait in the stream. */
  readonly onPending: (packs: number) => void
}

/** Stands between the source of packs and the handler of events. */
class BatchUnpacker implements DeliveryHandler {
  readonly #handler: DeliveryHandler
  readonly #options: BatchUnpackerOptions
  /** Resolves when the compressed pack before is opened, and those behind it. */
  #decoding: Promise<void> | undefined
  #decodingCount = 0
  /** Counts the starts: what was opened before the last one is not delivered any more. */
  #generation = 0
  #lastBatchSize = 1

  constructor(handler: DeliveryHandler, options: BatchUnpackerOptions) {
    this.#handler = handler
    this.#options = options
  }

  deliver(batch: Delivery): void {
    const events = this.#decoding ? undefined : this.#decode(batch)
    if (Array.isArray(events)) return this.#deliverAll(batch, events)
    this.#decoding = this.#deliverWhenDecoded(batch, events ?? this.#decode(batch), this.#decoding)
  }

  /** In the order of their coming. */
  async #deliverWhenDecoded(
    batch: Delivery,
    events: BatchedEvent[] | Promise<BatchedEvent[]>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const start = this.#generation
    this.#decodingCount++
    const opened = await events
    await before
    if (start !== this.#generation) return
    this.#deliverAll(batch, opened)
    if (--this.#decodingCount === 0) this.#decoding = undefined
  }

  /** Nobody knows what is in the packs that wait: it is taken to be as much as in the last one. */
  reportPending(count: number): void {
    this.#options.onPending(count)
    this.#handler.reportPending(count * this.#lastBatchSize)
  }

  capacity() {
    const { events, bytes } = this.#handler.capacity()
    const sharers = Math.max(1, this.#options.sharers())
    return { events: Math.ceil(events / sharers / MAX_BATCH_EVENTS), bytes }
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
    // Nothing is left out: it goes on as it is, on a subject of no event, and ends in the dead letters.
    const asItIs = (error: unknown): BatchedEvent[] => {
      this.#options.logger.error('a message among those passed on is no pack', { sequence: batch.sequence, error })
      // Field by field: some are computed when they are asked for, and would not be copied.
      const { place, origin, subject, messageId, headers, data, publishedAt } = batch
      return [{ place, origin, subject, messageId, headers, data, publishedAt }]
    }
    try {
      const events = decodeBatch(batch.data)
      return Array.isArray(events) ? events : events.catch(asItIs)
    } catch (error) {
      return asItIs(error)
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
      durable_name: partitionConsumer(durable, partition),
      filter_subject: partitionSubject(durable, partition),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(limits.ackWaitMs),
      max_ack_pending: limits.maxAckPending,
      max_deliver: -1,
      deliver_policy: DeliverPolicy.All,
    }),
  }
}

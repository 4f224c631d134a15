/**
 * Where events wait that one process took from the stream and another one stores: the stream ANALYTICS_PARTITIONS, a subject a partition.
 */
import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  RetentionPolicy,
  StorageType,
} from 'nats'
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { Delivery, DeliverySink } from '../../ingest/ports.ts'
import type { Logger } from '../../base/logger.ts'
import { partitionOfTenant } from '../../cluster/cluster-state.ts'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { encodeBatch } from './event-batch.ts'
import { lastSequence } from '../stream-info.ts'

export const PARTITION_STREAM = 'ANALYTICS_PARTITIONS'
/** Of an environment, which is known by its consumer's name. */
const PARTITION_SUBJECT = 'analytics.partition'

/** A pack holds so much at most; the first one waits so long for company, the next are what has come meanwhile. */
export const MAX_BATCH_EVENTS = 256
const MAX_BATCH_BYTES = 262_144
const MAX_WAIT_MS = 5
const TIMEOUT_MS = 5_000
/** Room for what the client adds to a message. */
const HEADER_BYTES = 1_024

export const PARTITION_STREAM_SPEC: StreamSpec = {
  name: PARTITION_STREAM,
  subjects: [`${PARTITION_SUBJECT}.>`],
  storage: StorageType.File,
  // What is acknowledged is gone.
  retention: RetentionPolicy.Workqueue,
  max_bytes: 1_024 * 1_048_576,
  // While it is full nothing is passed on, and the events wait in their own stream.
  discard: DiscardPolicy.New,
}

export async function ensurePartitionStream(jsm: JetStreamManager): Promise<void> {
  await ensureStream(jsm, PARTITION_STREAM_SPEC)
}

export function partitionSubject(durable: string, partition: number): string {
  return `${PARTITION_SUBJECT}.${durable}.${partition}`
}

/** The sequence of the last message that was passed on to a partition and is still there; 0 = there is none. */
export function lastForwardedSequence(jsm: JetStreamManager, durable: string, partition: number): Promise<number> {
  return lastSequence(jsm, PARTITION_STREAM, partitionSubject(durable, partition))
}

export function partitionConsumer(durable: string, partition: number): string {
  return `${durable}-partition-${partition}`
}

/** An event on its way to a partition. */
interface PendingForward {
  readonly delivery: Delivery
  readonly sent: PromiseWithResolvers<void>
}

export interface PartitionForwarderOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
  /** Ends the tries: what is not kept by the broker then never resolves, and is delivered again. */
  readonly signal: AbortSignal
}

/** Passes events on to whoever has their partition: those of a partition in the order in which they come, one pack after the other. */
export class PartitionForwarder implements DeliverySink {
  readonly #options: PartitionForwarderOptions
  readonly #jetstream: JetStreamClient
  /** By partition. While one is in here, somebody sends what it holds. */
  readonly #waiting = new Map<number, PendingForward[]>()
  readonly #sending = new Map<number, Promise<void>>()

  constructor(options: PartitionForwarderOptions) {
    this.#options = options
    this.#jetstream = options.connection.jetstream({ timeout: TIMEOUT_MS })
  }

  /** Resolves once the broker keeps it. What was passed on twice is recognised by whoever stores it. */
  put(delivery: Delivery, tenantId: string): Promise<void> {
    const partition = partitionOfTenant(tenantId)
    const pendingForward = { delivery, sent: Promise.withResolvers<void>() }
    const waiting = this.#waiting.get(partition)
    if (waiting) waiting.push(pendingForward)
    else {
      this.#waiting.set(partition, [pendingForward])
      this.#sending.set(partition, this.#send(partition))
    }
    return pendingForward.sent.promise
  }

  /** Resolves when nothing of a partition is on its way any more. */
  async idle(partition: number): Promise<void> {
    await this.#sending.get(partition)
  }

  async #send(partition: number): Promise<void> {
    const { clock, signal } = this.#options
    await sleep(clock, MAX_WAIT_MS, signal)
    const waiting = this.#waiting.get(partition)!
    while (waiting.length > 0 && !signal.aborted) {
      const batch = waiting.splice(0, batchLength(waiting))
      await this.#publish(partition, batch)
      if (!signal.aborted) for (const { sent } of batch) sent.resolve()
    }
    this.#waiting.delete(partition)
    this.#sending.delete(partition)
  }

  async #publish(partition: number, batch: readonly PendingForward[]): Promise<void> {
    const { connection, durable, clock, logger, signal } = this.#options
    const maxBytes = (connection.info?.max_payload ?? 1_048_576) - HEADER_BYTES
    const bytes = await encodeBatch(
      batch.map(({ delivery }) => delivery),
      maxBytes,
    )
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#jetstream.publish(partitionSubject(durable, partition), bytes)
        return
      } catch (error) {
        logger.error('events cannot be passed on yet', { partition, count: batch.length, attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: 2_000 }), signal)
      }
    }
  }
}

/** How many of the events go into one pack. One that is larger than a pack goes alone. */
function batchLength(events: readonly PendingForward[]): number {
  let bytes = 0
  let length = 0
  for (const { delivery } of events.slice(0, MAX_BATCH_EVENTS)) {
    bytes += delivery.data.byteLength
    if (bytes > MAX_BATCH_BYTES) break
    length++
  }
  return Math.max(1, length)
}

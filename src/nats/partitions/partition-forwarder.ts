import type { JetStreamClient, NatsConnection } from 'nats'
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { partitionOfTenant } from '../../cluster/cluster-state.ts'
import type { ForwardedEvents } from '../../cluster/ports.ts'
import type { Delivery, DeliverySink } from '../../ingest/ports.ts'
import { maxPayloadOf } from '../connection.ts'
import { encodeBatch, MAX_BATCH_EVENTS } from './event-batch.ts'
import { lastForwardedSequence, partitionSubject } from './partition-stream.ts'

const MAX_BATCH_BYTES = 262_144
/** The first event of a batch waits this long for further ones. Later batches contain the events that arrived during the publish before. */
const MAX_WAIT_MS = 5
const TIMEOUT_MS = 5_000
/** Space for what the client adds to a message. */
const HEADER_BYTES = 1_024

/** An event to be forwarded. */
interface PendingForward {
  readonly delivery: Delivery
  readonly sent: PromiseWithResolvers<void>
}

export interface PartitionForwarderOptions {
  readonly connection: NatsConnection
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
  /** Ends the attempts: the promise of an event that is not stored by then never resolves, and the event is delivered again. */
  readonly signal: AbortSignal
}

/** Forwards events to the process that owns their partition. The events of a partition keep their order: one batch is published after the other. */
export class PartitionForwarder implements DeliverySink, ForwardedEvents {
  readonly #options: PartitionForwarderOptions
  readonly #jetstream: JetStreamClient
  /** Events to send, by partition. While a partition has an entry, `#send` runs for it. */
  readonly #waiting = new Map<number, PendingForward[]>()
  readonly #sending = new Map<number, Promise<void>>()

  constructor(options: PartitionForwarderOptions) {
    this.#options = options
    this.#jetstream = options.connection.jetstream({ timeout: TIMEOUT_MS })
  }

  /** Resolves once the broker has stored the event. An event that is forwarded twice is recognised as a duplicate by the process that stores it. */
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

  /** Resolves when no event of the partition is waiting or being published. */
  async idle(partition: number): Promise<void> {
    await this.#sending.get(partition)
  }

  async lastSequence(partition: number): Promise<number> {
    const { connection, durable } = this.#options
    return lastForwardedSequence(await connection.jetstreamManager({ checkAPI: false }), durable, partition)
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
    const maxBytes = maxPayloadOf(connection) - HEADER_BYTES
    const bytes = await encodeBatch(
      batch.map(({ delivery }) => delivery),
      maxBytes,
    )
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#jetstream.publish(partitionSubject(durable, partition), bytes)
        return
      } catch (error) {
        logger.error('events cannot be forwarded yet', { partition, count: batch.length, attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: 2_000 }), signal)
      }
    }
  }
}

/** The number of events in the next batch. An event that exceeds the size of a batch is sent alone. */
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

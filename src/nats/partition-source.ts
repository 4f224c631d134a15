/**
 * The EventSource of one partition: packs come in from its subject, events leave to the handler. A pack is acknowledged when all of it is
 * settled, by which it is gone from the stream.
 */
import { AckPolicy, DeliverPolicy, nanos, type NatsConnection } from 'nats'
import type { Clock } from '../clock.ts'
import type { Delivery, DeliveryHandler, EventSource } from '../ingest/ports.ts'
import type { Logger } from '../logger.ts'
import { decodePack, type PackedEvent } from './event-pack.ts'
import type { ConsumerPlan } from './consumer-plan.ts'
import { NatsEventSource } from './event-source.ts'
import {
  ensurePartitionStream,
  MAX_PACK_EVENTS,
  PARTITION_STREAM,
  partitionConsumer,
  partitionSubject,
} from './partition-stream.ts'
import type { ConsumerLimits } from './topology.ts'

/** Events of a pack are numbered within it: more of them than a pack holds. */
const PLACES = 1_024
const FEW_PACKS = 2

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
  #waitingCount = 0

  constructor(options: PartitionSourceOptions) {
    const { connection, clock, logger, durable, partition } = options
    this.#options = options
    const plan = planOf(options)
    this.#source = new NatsEventSource({
      connection,
      clock,
      logger,
      durable: partitionConsumer(durable, partition),
      plan,
    })
  }

  start(handler: DeliveryHandler): Promise<void> {
    const unpacker = new Unpacker(handler, {
      ...this.#options,
      onWaiting: (packs) => {
        this.#waitingCount = packs
      },
    })
    return this.#source.start(unpacker)
  }

  acknowledge(sequence: number): void {
    // The last event of a pack has its highest number: a pack of which some are open stays.
    const pack = Math.floor((sequence + 1) / PLACES) - 1
    if (pack <= this.#settledUpTo) return
    this.#settledUpTo = pack
    this.#source.acknowledge(pack)
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
    return this.#waitingCount <= FEW_PACKS
  }
}

interface UnpackerOptions extends Pick<PartitionSourceOptions, 'sharers' | 'logger'> {
  /** So many packs wait in the stream. */
  readonly onWaiting: (packs: number) => void
}

/** Stands between the source of packs and the handler of events. */
class Unpacker implements DeliveryHandler {
  readonly #handler: DeliveryHandler
  readonly #options: UnpackerOptions
  /** Resolves when the compressed pack before is opened, and those behind it. */
  #opening: Promise<void> | undefined
  #openingCount = 0
  /** Counts the starts: what was opened before the last one is not delivered any more. */
  #start = 0
  #lastPackEvents = 1

  constructor(handler: DeliveryHandler, options: UnpackerOptions) {
    this.#handler = handler
    this.#options = options
  }

  deliver(pack: Delivery): void {
    const events = this.#opening ? undefined : this.#decode(pack)
    if (Array.isArray(events)) return this.#deliverAll(pack, events)
    this.#opening = this.#open(pack, events ?? this.#decode(pack), this.#opening)
  }

  /** In the order of their coming. */
  async #open(
    pack: Delivery,
    events: PackedEvent[] | Promise<PackedEvent[]>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const start = this.#start
    this.#openingCount++
    const opened = await events
    await before
    if (start !== this.#start) return
    this.#deliverAll(pack, opened)
    if (--this.#openingCount === 0) this.#opening = undefined
  }

  /** Nobody knows what is in the packs that wait: it is taken to be as much as in the last one. */
  waiting(count: number): void {
    this.#options.onWaiting(count)
    this.#handler.waiting(count * this.#lastPackEvents)
  }

  capacity() {
    const { events, bytes } = this.#handler.capacity()
    const sharers = Math.max(1, this.#options.sharers())
    return { events: Math.ceil(events / sharers / MAX_PACK_EVENTS), bytes }
  }

  async quiesce(): Promise<number> {
    await this.#opening
    return Math.floor(((await this.#handler.quiesce()) + 1) / PLACES) - 1
  }

  startBehind(sequence: number): void {
    this.#start++
    this.#opening = undefined
    this.#openingCount = 0
    this.#handler.startBehind((sequence + 1) * PLACES - 1)
  }

  #decode(pack: Delivery): PackedEvent[] | Promise<PackedEvent[]> {
    // Nothing is left out: it goes on as it is, on a subject of no event, and ends in the dead letters.
    const asItIs = (error: unknown): PackedEvent[] => {
      this.#options.logger.error('a message among those passed on is no pack', { sequence: pack.sequence, error })
      // Field by field: some are computed when they are asked for, and would not be copied.
      const { place, origin, subject, messageId, headers, data, publishedAt } = pack
      return [{ place, origin, subject, messageId, headers, data, publishedAt }]
    }
    try {
      const events = decodePack(pack.data)
      return Array.isArray(events) ? events : events.catch(asItIs)
    } catch (error) {
      return asItIs(error)
    }
  }

  #deliverAll({ sequence: packSequence, stream }: Delivery, events: readonly PackedEvent[]): void {
    this.#lastPackEvents = events.length
    for (const [place, event] of events.entries()) {
      const isLast = place === events.length - 1
      const sequence = packSequence * PLACES + (isLast ? PLACES - 1 : place)
      this.#handler.deliver({ ...event, stream, sequence })
    }
  }
}

function planOf({ durable, partition, limits, mayBind }: PartitionSourceOptions): ConsumerPlan {
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

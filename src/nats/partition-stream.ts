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
import type { Clock } from '../clock.ts'
import type { Delivery, DeliverySink } from '../ingest/ports.ts'
import { partitionOf } from '../sharing/board.ts'
import { encodePack } from './event-pack.ts'
import { streamInfo } from './topology.ts'

export const PARTITION_STREAM = 'ANALYTICS_PARTITIONS'
/** Of an environment, which is known by its consumer's name. */
const PARTITION_SUBJECT = 'analytics.partition'

/** A pack is sent when it holds so much, or has waited so long. */
export const MAX_PACK_EVENTS = 256
const MAX_PACK_BYTES = 262_144
const MAX_WAIT_MS = 5
/** Room for what the client adds to a message. */
const HEADER_BYTES = 1_024

export async function ensurePartitionStream(jsm: JetStreamManager): Promise<void> {
  if (await streamInfo(jsm, PARTITION_STREAM)) return
  await jsm.streams.add({
    name: PARTITION_STREAM,
    subjects: [`${PARTITION_SUBJECT}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
  })
}

export function partitionSubject(durable: string, partition: number): string {
  return `${PARTITION_SUBJECT}.${durable}.${partition}`
}

export function partitionConsumer(durable: string, partition: number): string {
  return `${durable}-partition-${partition}`
}

/** Events of one partition that are sent together. */
interface Pack {
  readonly events: Delivery[]
  bytes: number
  readonly sent: PromiseWithResolvers<void>
  readonly cancel: () => void
}

/** Passes events on to whoever has their partition. */
export class PartitionSender implements DeliverySink {
  readonly #connection: NatsConnection
  readonly #jetstream: JetStreamClient
  readonly #durable: string
  readonly #clock: Clock
  readonly #packs = new Map<number, Pack>()

  constructor(connection: NatsConnection, durable: string, clock: Clock) {
    this.#connection = connection
    this.#jetstream = connection.jetstream({ timeout: 10_000 })
    this.#durable = durable
    this.#clock = clock
  }

  /** What was passed on twice is recognised by whoever stores it. */
  put(delivery: Delivery, tenantId: string): Promise<void> {
    const partition = partitionOf(tenantId)
    let pack = this.#packs.get(partition)
    if (!pack) {
      const cancel = this.#clock.after(MAX_WAIT_MS, () => this.#send(partition))
      this.#packs.set(partition, (pack = { events: [], bytes: 0, sent: Promise.withResolvers(), cancel }))
    }
    const { events, sent } = pack
    events.push(delivery)
    pack.bytes += delivery.data.byteLength
    if (events.length >= MAX_PACK_EVENTS || pack.bytes >= MAX_PACK_BYTES) this.#send(partition)
    return sent.promise
  }

  #send(partition: number): void {
    const { events, sent, cancel } = this.#packs.get(partition)!
    this.#packs.delete(partition)
    cancel()
    const maxBytes = (this.#connection.info?.max_payload ?? 1_048_576) - HEADER_BYTES
    const publish = async () => {
      await this.#jetstream.publish(partitionSubject(this.#durable, partition), await encodePack(events, maxBytes))
    }
    publish().then(sent.resolve, sent.reject)
  }
}

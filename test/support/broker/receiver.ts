/** The receiving end of an event source in tests, over a real broker: consumes deliveries, settles them on request and counts them. */
import { connectNats } from '../../../src/nats/connection.ts'
import { livePlan } from '../../../src/nats/consumer/consumer-plan.ts'
import { NatsEventSource } from '../../../src/nats/consumer/event-source.ts'
import { ProgressRecord } from '../../../src/nats/consumer/progress-record.ts'
import { type MissingCause, StreamProgress } from '../../../src/nats/consumer/stream-progress.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { AckFloor, type PendingDelivery } from '../../../src/ingest/accounting/ack-floor.ts'
import type { Capacity, Delivery, DeliveryHandler } from '../../../src/ingest/ports.ts'
import { keepingLogger } from '../base/silent-logger.ts'
import { until } from '../process/until.ts'

export class Receiver implements DeliveryHandler {
  /** Deliveries taken over, redeliveries aside, in order. */
  readonly taken: Delivery[] = []
  /** Where deliveries were started behind. */
  readonly starts: number[] = []
  redeliveredCount = 0
  openBytes = 0
  /** Settles at once; otherwise `settle` does. */
  isSettling = true
  maxBytes = 64 * 1_048_576
  acknowledge: (floor: number) => void = () => {}
  readonly #floor = new AckFloor((floor) => this.acknowledge(floor))
  /** The last reported number of messages that wait in the stream. */
  waitingCount = 0
  #open: { ticket: PendingDelivery; delivery: Delivery }[] = []

  get sequences(): number[] {
    return this.taken.map(({ sequence }) => sequence)
  }

  deliver(delivery: Delivery): void {
    const ticket = this.#floor.track(delivery)
    if (!ticket) {
      this.redeliveredCount++
      return
    }
    this.taken.push(delivery)
    this.#open.push({ ticket, delivery })
    this.openBytes += delivery.data.byteLength
    if (this.isSettling) this.settle()
  }

  /** Settles the oldest `count` open deliveries and acknowledges the floor. */
  settle(count = Infinity): void {
    for (const { ticket, delivery } of this.#open.splice(0, count)) {
      ticket.settle()
      this.openBytes -= delivery.data.byteLength
    }
    this.#floor.advance()
  }

  reportPending(count: number): void {
    this.waitingCount = count
  }

  capacity(): Capacity {
    return { events: Infinity, bytes: Math.max(0, this.maxBytes - this.openBytes) }
  }

  async quiesce(): Promise<number> {
    await until(() => this.#open.length === 0, 60_000, 'everything open to be settled')
    return this.#floor.floor
  }

  startAfter(sequence: number): void {
    this.starts.push(sequence)
    this.#floor.restart(sequence)
  }
}

export interface SourceOptions {
  /** One or more, as in NATS_URL. */
  readonly url: string
  readonly stream?: string
  readonly durable?: string
  readonly receiver?: Receiver
  readonly maxAckPending?: number
  /** Whether it keeps a progress record and reports missing messages, as the service does. */
  readonly hasProgress?: boolean
}

/** An event source on a connection of its own, started. Rejects as its start does. */
export async function startSource({
  url,
  stream,
  durable = 'analytics',
  receiver = new Receiver(),
  maxAckPending = 60_000,
  hasProgress = true,
}: SourceOptions) {
  const connection = await connectNats({ servers: url.split(','), name: 'test' })
  const logger = keepingLogger()
  const clock = systemClock
  /** Messages that were reported as missing, by cause. */
  const missing: Record<MissingCause, number> = { expired: 0, deleted: 0 }
  const progress = new StreamProgress({
    record: new ProgressRecord({ connection, durable, clock, logger }),
    logger,
    onMissing: (count, cause) => (missing[cause] += count),
  })
  const source = new NatsEventSource({
    connection,
    durable,
    plan: livePlan({ connection, stream, durable, limits: { maxAckPending, ackWaitMs: 180_000 }, logger }),
    ...(hasProgress ? { progress } : {}),
    clock,
    logger,
  })
  receiver.acknowledge = (floor) => source.acknowledge(floor)
  try {
    await source.start(receiver)
  } catch (error) {
    await connection.close()
    throw error
  }
  return {
    source,
    receiver,
    connection,
    logger,
    missing,
    /** Ends as a service does. */
    async stop() {
      await source.pause()
      await connection.drain()
    },
    /** Ends as a crash does: what is open stays unacknowledged. */
    async vanish() {
      await connection.close()
      await source.pause()
    },
  }
}

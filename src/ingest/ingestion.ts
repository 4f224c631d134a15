/**
 * The walk of an event: a delivery comes in from the source, is opened, goes to its tenant's actor, is stored by the writer or put into the
 * dead letters, and is settled. This file wires the stations and keeps count of what is open; it must never import a broker or a store.
 */
import { aborted, type Clock, sleep } from '../clock.ts'
import { kindOfSubject } from '../events/catalogue.ts'
import { openEnvelope } from '../events/envelope.ts'
import { Rejection } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { AckFloor, type Ticket } from './ack-floor.ts'
import { DeadLetters } from './dead-letters.ts'
import type { DeadLetterSink, Delivery, DeliveryHandler, EventSource, EventStore } from './ports.ts'
import { Supervisor } from './supervisor.ts'
import { Writer } from './writer.ts'

export interface IngestionOptions {
  readonly source: EventSource
  readonly store: EventStore
  readonly deadLetters: DeadLetterSink
  readonly bufferSize: number
  readonly flushIntervalMs: number
  /** Bounds on what may be open at once: backpressure begins there. */
  readonly maxInFlightEvents: number
  readonly maxInFlightBytes: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

const QUIESCE_POLL_MS = 20

export class Ingestion implements DeliveryHandler {
  readonly #options: IngestionOptions
  readonly #floor = new AckFloor()
  readonly #supervisor: Supervisor
  readonly #writer: Writer
  readonly #deadLetters: DeadLetters
  readonly #stopped = new AbortController()
  #inFlightBytes = 0

  constructor(options: IngestionOptions) {
    const { clock, logger, metrics } = options
    this.#options = options
    this.#deadLetters = new DeadLetters({
      sink: options.deadLetters,
      clock,
      logger,
      metrics,
      signal: this.#stopped.signal,
      onSettled: (delivery, ticket) => this.#settle([{ delivery, ticket }]),
    })
    this.#supervisor = new Supervisor({
      bufferSize: options.bufferSize,
      flushIntervalMs: options.flushIntervalMs,
      clock,
      logger,
      metrics,
      onFlushDue: () => this.#writer.signal(),
      onRejected: ({ delivery, ticket }, rejection) => this.#reject(delivery, ticket, rejection),
    })
    this.#writer = new Writer({
      source: this.#supervisor,
      store: options.store,
      clock,
      logger,
      metrics,
      onSettled: (batch) => this.#settle(batch),
      onRejected: ({ delivery, ticket }) => this.#reject(delivery, ticket, new Rejection('store_rejected')),
    })
  }

  async start(): Promise<void> {
    this.#writer.start()
    await this.#options.source.start(this)
  }

  /** Takes nothing more, stores what is buffered, acknowledges it; what `deadline` (an abort) leaves over is delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    // A source that is waiting for us to quiesce ends only with `#stopped`.
    await Promise.race([this.#options.source.pause(), aborted(deadline)])
    while (this.#floor.openCount > 0 && !deadline.aborted) {
      this.#supervisor.flushAll()
      await sleep(this.#options.clock, QUIESCE_POLL_MS, deadline)
    }
    this.#stopped.abort()
    await this.#writer.stop(deadline)
    this.#supervisor.close()
  }

  /** Makes everything buffered due: the job that sweeps calls it. Returns how many events that were. */
  flush(): number {
    const { bufferedCount } = this.#supervisor
    this.#supervisor.flushAll()
    return bufferedCount
  }

  deliver(delivery: Delivery): void {
    const { metrics } = this.#options
    const ticket = this.#floor.open(delivery.sequence)
    if (!ticket) return metrics.eventsRedelivered.add(1)
    this.#inFlightBytes += delivery.data.byteLength
    metrics.eventsIn.add(1)
    const kind = kindOfSubject(delivery.subject)
    if (!kind) {
      metrics.eventsIgnored.add(1)
      return this.#settle([{ delivery, ticket }])
    }
    const envelope = openEnvelope(delivery.data)
    if (envelope instanceof Rejection) return this.#reject(delivery, ticket, envelope)
    this.#supervisor.post({ delivery, ticket, kind, envelope, failures: 0 })
  }

  capacityBytes(): number {
    const { maxInFlightBytes, maxInFlightEvents } = this.#options
    return this.#floor.openCount >= maxInFlightEvents ? 0 : Math.max(0, maxInFlightBytes - this.#inFlightBytes)
  }

  async quiesce(): Promise<number> {
    while (this.#floor.openCount > 0 && !this.#stopped.signal.aborted) {
      this.#supervisor.flushAll()
      await sleep(this.#options.clock, QUIESCE_POLL_MS, this.#stopped.signal)
    }
    return this.#floor.floor
  }

  startBehind(sequence: number): void {
    this.#floor.restart(sequence)
  }

  /** Brings the gauges up to date: called when they are read. */
  measure(): void {
    const { metrics } = this.#options
    metrics.bufferDepth.set(this.#supervisor.bufferedCount)
    metrics.inFlight.set(this.#floor.openCount)
    metrics.inFlightBytes.set(this.#inFlightBytes)
  }

  #reject(delivery: Delivery, ticket: Ticket, rejection: Rejection): void {
    this.#deadLetters.bury(delivery, ticket, rejection.reason, rejection.message)
  }

  #settle(settled: readonly { readonly delivery: Delivery; readonly ticket: Ticket }[]): void {
    for (const { delivery, ticket } of settled) {
      ticket.isSettled = true
      this.#inFlightBytes -= delivery.data.byteLength
    }
    const floor = this.#floor.advance()
    if (floor !== undefined) this.#options.source.acknowledge(floor)
    this.#options.source.wake()
  }
}

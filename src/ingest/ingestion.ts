/**
 * The walk of an event: a delivery comes in from a source, is opened, goes to its tenant's actor, is stored by the writer or put into the
 * dead letters, and is settled. This file wires the stations and keeps the ledger; it must never import a broker or a store.
 */
import { type Clock, sleep } from '../clock.ts'
import { Rejection } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { createUnexpectedErrorReport, type ReportUnexpectedError } from '../unexpected-errors.ts'
import type { Ticket } from './ack-floor.ts'
import { InFlightBudget, type IngestLimits } from './budget.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { createDeadLetters } from './dead-letters.ts'
import { EventRouter, type MessageOrigin } from './event-router.ts'
import { Intake } from './intake.ts'
import { type Audit, type HeldDelivery, type HeldVisitor, Ledger } from './ledger.ts'
import { openDelivery } from './opened-delivery.ts'
import type { Capacity, DeadLetterSink, DelayedSink, Delivery, EventSource, EventStore, Routing } from './ports.ts'
import type { Quotas } from './quotas.ts'
import { Settlement } from './settlement.ts'
import { Supervisor } from './supervisor.ts'
import { Writer, type WriterOptions } from './writer.ts'

export interface IngestionOptions {
  readonly store: EventStore
  readonly deadLetters: DeadLetterSink
  /** The tenants' quotas, and where events over them wait. */
  readonly quotas: Quotas
  readonly delayed: DelayedSink
  /** Undefined = this process stores everybody's events. */
  readonly routing?: Routing | undefined
  readonly bufferSize: number
  readonly flushIntervalMs: number
  readonly limits: IngestLimits
  /** Nearly all of so many events of one tenant rejected: its circuit breaker opens. 0 = never. */
  readonly breakerEvents: number
  readonly observer?: WriterOptions['observer']
  readonly turns?: WriterOptions['turns']
  readonly onFenced?: WriterOptions['onFenced']
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Told of exceptions that nobody expected; the part they came from goes on or begins anew. By default they are logged and counted. */
  readonly report?: ReportUnexpectedError
}

export interface TakeOptions extends MessageOrigin {
  /** Whether deliveries come as they are published. */
  readonly isLive?: boolean
}

const DRAIN_POLL_MS = 20

export class Ingestion {
  readonly #options: IngestionOptions
  readonly #ledger = new Ledger((tenantId) => this.#breaker.release(tenantId))
  readonly #budget: InFlightBudget
  readonly #breaker: CircuitBreaker
  readonly #report: ReportUnexpectedError
  readonly #supervisor: Supervisor
  readonly #writer: Writer
  readonly #deadLetters: ReturnType<typeof createDeadLetters>
  readonly #router: EventRouter
  readonly #settlement: Settlement
  readonly #intakes: Intake[] = []
  readonly #stopped = new AbortController()

  constructor(options: IngestionOptions) {
    const { clock, logger, metrics } = options
    const { report = createUnexpectedErrorReport(logger, metrics) } = options
    const shared = { clock, logger, metrics, report }
    this.#report = report
    this.#options = options
    this.#budget = new InFlightBudget(options.limits)
    this.#breaker = new CircuitBreaker({ logger, windowEvents: options.breakerEvents })
    this.#settlement = new Settlement({
      ...shared,
      budget: this.#budget,
      breaker: this.#breaker,
      onSettled: () => this.#wakeIntakes(),
    })
    this.#deadLetters = createDeadLetters({
      ...shared,
      sink: options.deadLetters,
      signal: this.#stopped.signal,
      onSettled: (held) => this.#settlement.settle([held], 'dead'),
    })
    this.#router = new EventRouter({
      ...options,
      report,
      routing: options.routing,
      signal: this.#stopped.signal,
      onAccepted: (message) => this.#supervisor.post(message),
      onFailed: (message) => this.#reject(message, new Rejection('processing_failed')),
      onDone: (held, way) => this.#settlement.settle([held], way),
    })
    this.#supervisor = new Supervisor({
      ...shared,
      bufferSize: options.bufferSize,
      flushIntervalMs: options.flushIntervalMs,
      onFlushDue: () => this.#writer.signal(),
      onRejected: (message, rejection) => this.#reject(message, rejection),
      onIdle: (tenantId) => this.#ledger.release(tenantId),
    })
    this.#writer = new Writer({
      ...options,
      report,
      source: this.#supervisor,
      onStored: (events) => this.#settlement.settle(events, 'stored'),
      onDuplicate: (events) => this.#settlement.settle(events, 'duplicate'),
      onRejected: (event) => this.#reject(event, new Rejection('store_rejected')),
    })
  }

  start(): void {
    this.#writer.start()
  }

  /**
   * Takes what `source` delivers from now on; resolves once it is bound, with a function that lets go of it when all it delivered is settled.
   * Rejects when binding fails: then it may be tried again.
   */
  async take(source: EventSource, options: TakeOptions = {}): Promise<() => Promise<void>> {
    const intake = new Intake({
      source,
      isLive: options.isLive ?? true,
      clock: this.#options.clock,
      onTaken: (delivery, ticket) => this.#taken(delivery, ticket, options),
      onRepeated: () => this.#options.metrics.eventsRedelivered.add(1),
      capacity: () => this.#capacity(options.laneOf),
      maxOpen: this.#budget.limits.maxEvents,
      flush: () => this.#supervisor.flushAll(),
    })
    await intake.start()
    this.#intakes.push(intake)
    return async () => {
      await intake.pause(this.#stopped.signal)
      await intake.quiesce()
      this.#intakes.splice(this.#intakes.indexOf(intake), 1)
    }
  }

  /** Takes nothing more, stores what is buffered, acknowledges it; what `deadline` (an abort) leaves over is delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.pause(deadline)))
    while (this.#budget.events > 0 && !deadline.aborted) {
      this.#supervisor.flushAll()
      await sleep(this.#options.clock, DRAIN_POLL_MS, deadline)
    }
    this.#stopped.abort()
    for (const intake of this.#intakes) intake.stop()
    await this.#writer.stop(deadline)
    this.#supervisor.close()
  }

  /** Makes everything buffered due: the job that sweeps calls it. Returns how many events that were. */
  flush(): number {
    const { bufferedCount } = this.#supervisor
    this.#supervisor.flushAll()
    return bufferedCount
  }

  /** How many tenants have nearly all of their events rejected. */
  get trippedTenantCount(): number {
    return this.#breaker.openCount
  }

  /** What became of every delivery so far, and whether it adds up. */
  audit(): Audit {
    const forEachHeld = (visit: HeldVisitor) => {
      this.#supervisor.forEachHeld(visit)
      this.#writer.forEachHeld(visit)
      this.#deadLetters.forEachHeld(visit)
      this.#router.forEachHeld(visit)
    }
    return this.#ledger.audit(forEachHeld)
  }

  /** It is settled by now which way some events go that waited for it. */
  reroute(): void {
    this.#router.reroute()
  }

  /** How many events of these tenants are on their way into the store. */
  heldOf(isOne: (tenantId: string) => boolean): number {
    let held = 0
    const visit: HeldVisitor = ({ tenantId }, count) => {
      if (isOne(tenantId)) held += count
    }
    this.#supervisor.forEachHeld(visit)
    this.#writer.forEachHeld(visit)
    return held
  }

  /** The ledger's sides of the tenants with most deliveries. */
  busiestTenants(count: number) {
    return this.#ledger.busiest(count)
  }

  get bufferedCount(): number {
    return this.#supervisor.bufferedCount
  }

  get budget(): Readonly<InFlightBudget> {
    return this.#budget
  }

  /** How far behind the sources we are: messages not delivered yet, and how long ago the broker stored the oldest message that is not settled. */
  lag(): { readonly messages: number; readonly seconds: number } {
    const now = this.#options.clock.now()
    const lags = this.#intakes.filter(({ isLive }) => isLive).map((intake) => intake.lag(now))
    return {
      messages: lags.reduce((sum, { messages }) => sum + messages, 0),
      seconds: Math.max(0, ...lags.map(({ seconds }) => seconds)),
    }
  }

  #taken(delivery: Delivery, ticket: Ticket, origin: MessageOrigin): void {
    const { metrics } = this.#options
    this.#budget.take(delivery.data.byteLength)
    metrics.eventsIn.add(1)
    const { kind, envelope, rejection } = openDelivery(delivery, this.#report)
    const account = envelope ? this.#ledger.account(envelope.tenantId) : this.#ledger.unattributed
    account.delivered++
    const held: HeldDelivery = { delivery, ticket, account }
    if (rejection) this.#reject(held, rejection)
    else if (kind && envelope) this.#router.take({ ...held, kind, envelope, failures: 0 }, origin)
    // Whoever passes something on has read it: what no event is has come there by somebody else.
    else if (origin.isPassedOn) this.#reject(held, new Rejection('invalid_json'))
    else this.#settlement.settle([held], 'ignored')
  }

  #capacity(laneOf: string | undefined): Capacity {
    const events = laneOf === undefined ? Infinity : this.#options.quotas.available(laneOf)
    return { events, bytes: this.#budget.roomBytes }
  }

  #reject(held: HeldDelivery, { reason, message }: Rejection): void {
    this.#deadLetters.add({ held, reason, message })
  }

  #wakeIntakes(): void {
    for (const intake of this.#intakes) intake.wake()
  }
}

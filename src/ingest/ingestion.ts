/**
 * The walk of an event: a delivery comes in from a source, is opened, goes to its tenant's actor, is stored by the writer or put into the
 * dead letters, and is settled. This file wires the stations and keeps the ledger; it must never import a broker or a store.
 */
import { type Clock, sleep } from '../base/clock.ts'
import { Rejection } from '../events/rejection.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { createUnexpectedErrorReporter, type ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { PendingDelivery } from './accounting/ack-floor.ts'
import { InFlightBudget, type IngestLimits } from './accounting/in-flight-budget.ts'
import { CircuitBreaker } from './accounting/circuit-breaker.ts'
import { createDeadLetterQueue } from './routing/dead-letter-queue.ts'
import { EventRouter, type SourceContext } from './routing/event-router.ts'
import { Intake } from './intake.ts'
import { type Reconciliation, type InFlightDelivery, type InFlightVisitor, Ledger } from './accounting/ledger.ts'
import { decodeDelivery } from './decode-delivery.ts'
import type {
  Capacity,
  DeadLetterSink,
  DeferredSink,
  Delivery,
  EventSource,
  EventStore,
  TenantRouting,
} from './ports.ts'
import type { Quotas } from './routing/quotas.ts'
import { Settlement } from './accounting/settlement.ts'
import { Supervisor } from './actors/supervisor.ts'
import { Writer, type WriterOptions } from './writer/writer.ts'

export interface IngestionOptions {
  readonly store: EventStore
  readonly deadLetters: DeadLetterSink
  /** The tenants' quotas, and where events over them wait. */
  readonly quotas: Quotas
  readonly delayed: DeferredSink
  /** Undefined = this process stores everybody's events. */
  readonly routing?: TenantRouting | undefined
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
  readonly metrics: ServiceMetrics
  /** Told of exceptions that nobody expected; the part they came from goes on or begins anew. By default they are logged and counted. */
  readonly report?: ReportUnexpectedError
}

export interface ConsumeOptions extends SourceContext {
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
  readonly #deadLetters: ReturnType<typeof createDeadLetterQueue>
  readonly #router: EventRouter
  readonly #settlement: Settlement
  readonly #intakes: Intake[] = []
  readonly #stopped = new AbortController()

  constructor(options: IngestionOptions) {
    const { clock, logger, metrics } = options
    const { report = createUnexpectedErrorReporter(logger, metrics) } = options
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
    this.#deadLetters = createDeadLetterQueue({
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
      onFlushDue: () => this.#writer.notifyFlushDue(),
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
  async consume(source: EventSource, options: ConsumeOptions = {}): Promise<() => Promise<void>> {
    const intake = new Intake({
      source,
      isLive: options.isLive ?? true,
      clock: this.#options.clock,
      onDelivery: (delivery, ticket) => this.#accept(delivery, ticket, options),
      onRedelivery: () => this.#options.metrics.eventsRedelivered.add(1),
      capacity: () => this.#capacity(options.deferredTenant),
      maxUnacknowledged: this.#budget.limits.maxEvents,
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
  get openBreakerCount(): number {
    return this.#breaker.openCount
  }

  /** What became of every delivery so far, and whether it adds up. */
  reconcile(): Reconciliation {
    const forEachInFlight = (visit: InFlightVisitor) => {
      this.#supervisor.forEachInFlight(visit)
      this.#writer.forEachInFlight(visit)
      this.#deadLetters.forEachInFlight(visit)
      this.#router.forEachInFlight(visit)
    }
    return this.#ledger.reconcile(forEachInFlight)
  }

  /** It is settled by now which way some events go that waited for it. */
  routePending(): void {
    this.#router.routePending()
  }

  /** How many events of these tenants are on their way into the store. */
  countInFlight(matches: (tenantId: string) => boolean): number {
    let inFlightCount = 0
    const visit: InFlightVisitor = ({ tenantId }, count) => {
      if (matches(tenantId)) inFlightCount += count
    }
    this.#supervisor.forEachInFlight(visit)
    this.#writer.forEachInFlight(visit)
    return inFlightCount
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

  #accept(delivery: Delivery, pending: PendingDelivery, origin: SourceContext): void {
    const { metrics } = this.#options
    this.#budget.reserve(delivery.data.byteLength)
    metrics.eventsReceived.add(1)
    const { kind, envelope, rejection } = decodeDelivery(delivery, this.#report)
    const account = envelope ? this.#ledger.accountOf(envelope.tenantId) : this.#ledger.unattributed
    account.delivered++
    const held: InFlightDelivery = { delivery, pending, account }
    if (rejection) this.#reject(held, rejection)
    else if (kind && envelope) this.#router.take({ ...held, kind, envelope, failures: 0 }, origin)
    // Whoever passes something on has read it: what no event is has come there by somebody else.
    else if (origin.isForwarded) this.#reject(held, new Rejection('invalid_json'))
    else this.#settlement.settle([held], 'ignored')
  }

  #capacity(deferredTenant: string | undefined): Capacity {
    const events = deferredTenant === undefined ? Infinity : this.#options.quotas.available(deferredTenant)
    return { events, bytes: this.#budget.availableBytes }
  }

  #reject(held: InFlightDelivery, { reason, message }: Rejection): void {
    this.#deadLetters.add({ held, reason, message })
  }

  #wakeIntakes(): void {
    for (const intake of this.#intakes) intake.wake()
  }
}

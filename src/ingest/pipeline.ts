/**
 * The stages of ingestion, in the order in which a delivery passes them:
 *
 *     source → intake → route ──→ actor ──→ buffer ──→ commit ──→ settle
 *                         ├─────────┴────────────────────┴─→ dead letters ──→ settle
 *                         └──→ forwarder ──→ settle
 *
 * 1. Intake (`intake.ts`), one per source: tracks each delivery at the acknowledgement floor and recognises redeliveries.
 * 2. Route (`event-router.ts`): decodes the delivery and sends it to the actor of its tenant, to the dead letters, or to the forwarder; other subjects are settled as ignored.
 * 3. Actor (`actors/`), one per tenant: appends its events in order to a block of columns.
 * 4. Buffer (`writer/event-buffer.ts`): the queue before the writer. Holds one open block per partition of the store and decides when a flush is due.
 * 5. Commit (`writer/`): looks up which events of a block are stored and inserts the others, until the store has confirmed it.
 * 6. Settle (`accounting/`): books the outcome, frees memory, acknowledges the floor.
 *
 * The dead letters and the forwarder (`sinks/`) are the other ends of the flow: they store a delivery elsewhere and settle it.
 *
 * The flow is one-way. Each stage is constructed with the stages after it and calls no stage before it; a queue is read by its consumer only. A failure is retried within
 * its stage. `settle` is the only way back: it acknowledges at the source, and wakes the sources, as it frees capacity.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { DeliveryAccounting } from './accounting/delivery-accounting.ts'
import type { IngestLimits } from './accounting/in-flight-budget.ts'
import type { InFlightVisitor } from './accounting/ledger.ts'
import { Supervisor } from './actors/supervisor.ts'
import { EventRouter } from './event-router.ts'
import type { ClusterPorts, DeadLetterSink, DeferredSink, EventStore } from './ports.ts'
import type { Quotas } from './quotas.ts'
import { createDeadLetterQueue } from './sinks/dead-letter-queue.ts'
import { Forwarder } from './sinks/forwarder.ts'
import type { Reject, Settle } from './stages.ts'
import { EventBuffer } from './writer/event-buffer.ts'
import { Writer, type WriterOptions } from './writer/writer.ts'

export interface PipelineOptions {
  readonly store: EventStore
  readonly deadLetters: DeadLetterSink
  readonly quotas: Quotas
  /** Keeps the events of tenants that are over their quota. */
  readonly deferredSink: DeferredSink
  /** Undefined = this process stores the events of every tenant. */
  readonly cluster?: ClusterPorts | undefined
  /** Events of one tenant that make a flush due. */
  readonly bufferSize: number
  /** Age of the oldest buffered event that makes a flush due, in milliseconds. */
  readonly flushIntervalMs: number
  readonly limits: IngestLimits
  /** The window of the circuit breakers in events; 0 = they never open. */
  readonly circuitBreakerWindowEvents: number
  readonly observer?: WriterOptions['observer']
  readonly yielder?: WriterOptions['yielder']
  readonly onFenced?: WriterOptions['onFenced']
  readonly hasBacklog?: WriterOptions['hasBacklog']
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  /** Receives unexpected errors. The stage where they occur retries or restarts. */
  readonly report: ReportUnexpectedError
  /** Ends the retries of the dead letters and of the forwarder. */
  readonly signal: AbortSignal
  /** Capacity was freed. */
  readonly onSettled: () => void
}

export interface Pipeline {
  readonly accounting: DeliveryAccounting
  readonly writer: Writer
  readonly buffer: EventBuffer
  readonly supervisor: Supervisor
  readonly router: EventRouter
  /** Visits the deliveries in flight of every stage. */
  forEachInFlight(visit: InFlightVisitor): void
  /** Visits those on the way into the store: of the actors, the buffer and the writer. */
  forEachOnWayToStore(visit: InFlightVisitor): void
}

/** Builds the stages from the last one to the first one. An intake is added per source. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const accounting = new DeliveryAccounting(options)
  const settle: Settle = (deliveries, outcome) => accounting.settle(deliveries, outcome)
  const deadLetters = createDeadLetterQueue({ ...options, sink: options.deadLetters, settle })
  const reject: Reject = (inFlight, { reason, message }) => deadLetters.add({ inFlight, reason, message })
  const forwarder = new Forwarder({ ...options, forwarding: options.cluster?.forwarding, settle })
  const buffer = new EventBuffer(options)
  const writer = new Writer({ ...options, buffer, settle, reject })
  const supervisor = new Supervisor({ ...options, ledger: accounting.ledger, buffer, reject })
  const router = new EventRouter({
    ...options,
    cluster: options.cluster,
    accounting,
    supervisor,
    forwarder,
    reject,
    settle,
  })

  const onWayToStore = [supervisor, buffer, writer]
  const stages = [router, ...onWayToStore, forwarder, deadLetters]
  return {
    accounting,
    writer,
    buffer,
    supervisor,
    router,
    forEachInFlight(visit) {
      for (const stage of stages) stage.forEachInFlight(visit)
    },
    forEachOnWayToStore(visit) {
      for (const stage of onWayToStore) stage.forEachInFlight(visit)
    },
  }
}

/**
 * Ingestion: takes deliveries from its sources through the stages of `pipeline.ts` into the store. Uses no broker and no store but through the ports of `ports.ts`.
 */
import { sleep } from '../base/clock.ts'
import { createUnexpectedErrorReporter, type ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { InFlightBudget } from './accounting/in-flight-budget.ts'
import type { Reconciliation } from './accounting/ledger.ts'
import { Intake } from './intake.ts'
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts'
import type { Capacity, EventSource } from './ports.ts'
import type { SourceContext } from './stages.ts'
import { MAX_BLOCK_ROWS } from './writer/event-buffer.ts'

export interface IngestionOptions extends Omit<PipelineOptions, 'report' | 'signal' | 'onSettled' | 'hasBacklog'> {
  /** Receives unexpected errors; by default they are logged and counted. */
  readonly report?: ReportUnexpectedError
}

export interface ConsumeOptions extends SourceContext {
  /** Whether deliveries arrive as they are published; true by default. */
  readonly isLive?: boolean
}

const DRAIN_POLL_MS = 20
/** More messages at the broker are a backlog: they fill at least two blocks. */
const BACKLOG_MESSAGES = 2 * MAX_BLOCK_ROWS

export class Ingestion {
  readonly #options: IngestionOptions
  readonly #pipeline: Pipeline
  readonly #intakes = new Set<Intake>()
  readonly #stopped = new AbortController()

  constructor(options: IngestionOptions) {
    const { report = createUnexpectedErrorReporter(options.logger, options.metrics) } = options
    this.#options = options
    this.#pipeline = createPipeline({
      ...options,
      report,
      signal: this.#stopped.signal,
      hasBacklog: () => this.#undeliveredCount() > BACKLOG_MESSAGES,
      onSettled: () => {
        for (const intake of this.#intakes) intake.wake()
      },
    })
  }

  start(): void {
    this.#pipeline.writer.start()
  }

  /**
   * Takes the deliveries of `source` from now on. Resolves once the source is bound, with a function that ends it: that resolves when everything it delivered is settled.
   * Rejects when binding fails; the call may be repeated then.
   */
  async consume(source: EventSource, options: ConsumeOptions = {}): Promise<() => Promise<void>> {
    const { isLive = true, ...context } = options
    const { router, buffer, accounting } = this.#pipeline
    const intake = new Intake({
      source,
      context,
      isLive,
      clock: this.#options.clock,
      metrics: this.#options.metrics,
      capacity: () => this.#capacity(context.deferredTenant),
      maxUnacknowledged: accounting.budget.limits.maxEvents,
      router,
      flush: () => buffer.flush(),
    })
    await intake.start()
    this.#intakes.add(intake)
    return async () => {
      await intake.pause(this.#stopped.signal)
      await intake.quiesce()
      this.#intakes.delete(intake)
    }
  }

  /** Stops the sources, stores what is buffered and acknowledges it. Events that are not settled when `deadline` aborts are delivered again. */
  async stop(deadline: AbortSignal): Promise<void> {
    const { writer, buffer, supervisor, accounting } = this.#pipeline
    await Promise.all([...this.#intakes].map((intake) => intake.pause(deadline)))
    while (accounting.budget.events > 0 && !deadline.aborted) {
      buffer.flush()
      await sleep(this.#options.clock, DRAIN_POLL_MS, deadline)
    }
    this.#stopped.abort()
    for (const intake of this.#intakes) intake.stop()
    await writer.stop(deadline)
    buffer.close()
    supervisor.close()
  }

  /** Makes everything that is buffered due. Returns the number of these events. */
  flush(): number {
    const { buffer } = this.#pipeline
    const { size } = buffer
    buffer.flush()
    return size
  }

  /** The location of some tenants was decided: routes their waiting events. */
  routePending(): void {
    this.#pipeline.router.routePending()
  }

  /** The number of events of these tenants on the way into the store. */
  countInFlight(matches: (tenantId: string) => boolean): number {
    let inFlightCount = 0
    this.#pipeline.forEachOnWayToStore(({ tenantId }, count) => {
      if (matches(tenantId)) inFlightCount += count
    })
    return inFlightCount
  }

  /** The outcomes of all deliveries so far, and the tenants for which they do not add up. */
  reconcile(): Reconciliation {
    return this.#pipeline.accounting.ledger.reconcile((visit) => this.#pipeline.forEachInFlight(visit))
  }

  /** The accounts of the tenants with most deliveries. */
  busiestTenants(count: number) {
    return this.#pipeline.accounting.ledger.busiest(count)
  }

  /** The number of tenants nearly all of whose events are rejected. */
  get openCircuitBreakerCount(): number {
    return this.#pipeline.accounting.breaker.openCount
  }

  get bufferedCount(): number {
    return this.#pipeline.buffer.size
  }

  get budget(): Readonly<InFlightBudget> {
    return this.#pipeline.accounting.budget
  }

  /** The lag behind the live sources: messages that are not delivered yet, and the age in seconds of the oldest message that is not settled. */
  lag(): { readonly messages: number; readonly seconds: number } {
    const now = this.#options.clock.now()
    const lags = [...this.#intakes].filter(({ isLive }) => isLive).map((intake) => intake.lag(now))
    return {
      messages: lags.reduce((sum, { messages }) => sum + messages, 0),
      seconds: Math.max(0, ...lags.map(({ seconds }) => seconds)),
    }
  }

  #undeliveredCount(): number {
    let count = 0
    for (const intake of this.#intakes) count += intake.undeliveredCount
    return count
  }

  #capacity(deferredTenant: string | undefined): Capacity {
    const events = deferredTenant === undefined ? Infinity : this.#options.quotas.available(deferredTenant)
    return { events, bytes: this.#pipeline.accounting.budget.availableBytes }
  }
}

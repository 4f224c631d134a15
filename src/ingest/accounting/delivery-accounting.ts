import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { Delivery } from '../ports.ts'
import type { AckFloor } from './ack-floor.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { InFlightBudget, type IngestLimits } from './in-flight-budget.ts'
import { Ledger, type LedgerAccount, type Outcome, type SettledDelivery } from './ledger.ts'

export interface DeliveryAccountingOptions {
  readonly limits: IngestLimits
  /** The window of the circuit breakers in events; 0 = they never open. */
  readonly circuitBreakerWindowEvents: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  /** Capacity was freed. */
  readonly onSettled: () => void
}

/** An acknowledgement that failed is repeated after this time. */
const RETRY_MS = 1_000

/** Accounts for each delivery from the intake until it is settled: the only place where ledger, memory budget, circuit breaker and acknowledgement floor change, and they change together. */
export class DeliveryAccounting {
  readonly ledger: Ledger
  readonly budget: InFlightBudget
  readonly breaker: CircuitBreaker
  readonly #options: DeliveryAccountingOptions
  /** Floors that may have to advance. Deliveries often settle one by one, and each advance costs the source a pass over its unsettled messages: one microtask serves many. */
  #floorsToAdvance = new Set<AckFloor>()

  constructor(options: DeliveryAccountingOptions) {
    this.#options = options
    this.budget = new InFlightBudget(options.limits)
    const breaker = new CircuitBreaker({ logger: options.logger, windowEvents: options.circuitBreakerWindowEvents })
    this.breaker = breaker
    this.ledger = new Ledger((account) => breaker.release(account))
  }

  /** Takes a delivery of this account over. */
  open(delivery: Delivery, account: LedgerAccount): void {
    this.budget.reserve(delivery.data.byteLength)
    this.#options.metrics.eventsReceived.add(1)
    account.delivered++
  }

  /** Settles deliveries and acknowledges them at their sources. Deliveries that are settled already are skipped: a stage that fails may repeat the call. */
  settle(deliveries: Iterable<SettledDelivery>, outcome: Outcome): void {
    // The outcome of deferred and forwarded events is recorded where they end.
    const countsForBreaker = outcome === 'stored' || outcome === 'duplicate' || outcome === 'dead_lettered'
    let count = 0
    let lastFloor: AckFloor | undefined
    for (const { pending, account } of deliveries) {
      if (pending.isSettled) continue
      pending.settle()
      account[outcome]++
      count++
      if (countsForBreaker) this.breaker.record(account, outcome === 'dead_lettered')
      this.budget.release(pending.byteLength)
      if (pending.floor !== lastFloor) this.#scheduleAdvance(pending.floor)
      lastFloor = pending.floor
    }
    if (count > 0) this.#count(outcome, count)
  }

  #scheduleAdvance(floor: AckFloor): void {
    if (this.#floorsToAdvance.size === 0) queueMicrotask(() => this.#advanceFloors())
    this.#floorsToAdvance.add(floor)
  }

  #advanceFloors(): void {
    const floors = this.#floorsToAdvance
    this.#floorsToAdvance = new Set()
    const { clock, onSettled } = this.#options
    for (const floor of floors)
      if (!this.#tryOrReport(() => floor.advance())) clock.after(RETRY_MS, () => this.#scheduleAdvance(floor))
    this.#tryOrReport(onSettled)
  }

  #tryOrReport(task: () => void): boolean {
    try {
      task()
      return true
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'settlement' })
      return false
    }
  }

  /** Dead letters are counted with their reason, where they are stored. */
  #count(outcome: Outcome, count: number): void {
    const { metrics } = this.#options
    if (outcome === 'stored') metrics.eventsStored.add(count)
    else if (outcome === 'duplicate') metrics.eventsDuplicate.add(count)
    else if (outcome === 'ignored') metrics.eventsIgnored.add(count)
    else if (outcome === 'deferred') metrics.eventsDeferred.add(count)
    else if (outcome === 'forwarded') metrics.eventsForwarded.add(count)
  }
}

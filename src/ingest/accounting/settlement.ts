import type { Clock } from '../../base/clock.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { AckFloor } from './ack-floor.ts'
import type { InFlightBudget } from './in-flight-budget.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { InFlightDelivery, Outcome } from './ledger.ts'

export interface SettlementOptions {
  readonly budget: InFlightBudget
  readonly breaker: CircuitBreaker
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  /** Room was made. */
  readonly onSettled: () => void
}

/** A floor whose acknowledgement failed is told again after so long. */
const RETRY_MS = 1_000

/** Settles deliveries: the one place where a ticket, its account and the room it took are given back together. */
export class Settlement {
  readonly #options: SettlementOptions
  /** Floors that may have to move. Dead letters settle one by one, and each move costs the source a look at all that is open: one microtask moves them for many. */
  #floorsToAdvance = new Set<AckFloor>()

  constructor(options: SettlementOptions) {
    this.#options = options
  }

  /** What is settled already is passed over: a part that failed on its way here may be repeated. */
  settle(settled: Iterable<InFlightDelivery>, outcome: Outcome): void {
    const { budget, breaker } = this.#options
    // Delayed events and forwarded ones are judged where they end.
    const countsForBreaker = outcome === 'stored' || outcome === 'duplicate' || outcome === 'dead'
    let count = 0
    for (const { delivery, pending: ticket, account } of settled) {
      if (ticket.isSettled) continue
      ticket.isSettled = true
      account[outcome]++
      count++
      if (countsForBreaker) breaker.record(account.tenantId, outcome === 'dead')
      budget.release(delivery.data.byteLength)
      this.#scheduleAdvance(ticket.floor)
    }
    if (count === 0) return
    this.#count(outcome, count)
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

  #count(outcome: Outcome, count: number): void {
    const { metrics } = this.#options
    if (outcome === 'stored') metrics.eventsStored.add(count)
    else if (outcome === 'duplicate') metrics.eventsDuplicate.add(count)
    else if (outcome === 'ignored') metrics.eventsIgnored.add(count)
    else if (outcome === 'delayed') metrics.eventsDeferred.add(count)
    else if (outcome === 'passed') metrics.eventsForwarded.add(count)
  }
}

import type { Logger } from '../../base/logger.ts'
import type { LedgerAccount } from './ledger.ts'

/** When this part of the events of a tenant is rejected, the cause is a release of the producer or of this service, not a single invalid event. */
const REJECTED_RATIO_TO_OPEN = 0.95

export interface CircuitBreakerOptions {
  /** The number of events of a tenant that are evaluated together; 0 = it never opens. */
  readonly windowEvents: number
  readonly logger: Logger
}

/**
 * A circuit breaker per tenant for mass rejection. It opens when nearly all events of a whole window of the tenant were rejected, and closes after a window with fewer
 * rejections, or when the tenant has become idle. An open breaker is a signal (a log line with the tenant, and a metric to alert on) and holds no event back: all tenants
 * share the stream, so that a pause for one would stop every other, and the dead letters keep each rejected message until it is replayed.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions
  #openCount = 0

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
  }

  /** The number of open breakers. Messages whose tenant is unknown share one breaker. */
  get openCount(): number {
    return this.#openCount
  }

  /** Records the outcome of an event. */
  record(account: LedgerAccount, isRejected: boolean): void {
    const { windowEvents } = this.#options
    if (windowEvents === 0) return
    account.windowEvents++
    if (isRejected) account.windowRejected++
    if (account.windowEvents < windowEvents) return
    this.#evaluateWindow(account)
    account.windowEvents = 0
    account.windowRejected = 0
  }

  /** The account of an idle tenant was released: an open breaker closes. */
  release({ tenantId, isBreakerOpen }: LedgerAccount): void {
    if (!isBreakerOpen) return
    this.#openCount--
    this.#options.logger.info('circuit breaker closed: the tenant is idle', { tenantId })
  }

  #evaluateWindow(account: LedgerAccount): void {
    const { logger } = this.#options
    const { tenantId, windowEvents: events, windowRejected: rejected } = account
    const isOpen = rejected >= events * REJECTED_RATIO_TO_OPEN
    if (isOpen === account.isBreakerOpen) return
    account.isBreakerOpen = isOpen
    this.#openCount += isOpen ? 1 : -1
    if (isOpen)
      logger.error('circuit breaker opened: nearly all events of a tenant are rejected', { tenantId, events, rejected })
    else logger.info('circuit breaker closed: events of the tenant are accepted again', { tenantId, events, rejected })
  }
}

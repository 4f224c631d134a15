import type { Logger } from '../../base/logger.ts'

/** So large a part of a tenant's events rejected is no single bad event, but a release of a producer, or of ours. */
const REJECTED_RATIO_TO_OPEN = 0.95

export interface CircuitBreakerOptions {
  /** So many events of one tenant are judged together; 0 = it never opens. */
  readonly windowEvents: number
  readonly logger: Logger
}

interface Window {
  events: number
  rejected: number
  isOpen: boolean
}

/**
 * A circuit breaker per tenant for mass rejection: it opens when nearly all of a whole window of the tenant's events were rejected, and closes after a window that went
 * better. An open one is a signal (a log line with the tenant, and the number of open ones as a metric to alert on) and holds nothing back: the stream is shared, so a
 * pause for one tenant would stop every other, and the dead letters keep each rejected message whole until it is replayed.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions
  readonly #windows = new Map<string, Window>()
  #openCount = 0

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
  }

  /** How many tenants have nearly all of their events rejected. Messages whose tenant cannot be told count as one. */
  get openCount(): number {
    return this.#openCount
  }

  /** An event of the tenant (empty when it cannot be told) was rejected, or accepted. */
  record(tenantId: string, isRejected: boolean): void {
    const { windowEvents } = this.#options
    if (windowEvents === 0) return
    let window = this.#windows.get(tenantId)
    if (!window) this.#windows.set(tenantId, (window = { events: 0, rejected: 0, isOpen: false }))
    window.events++
    if (isRejected) window.rejected++
    if (window.events < windowEvents) return
    this.#evaluateWindow(tenantId, window)
    window.events = 0
    window.rejected = 0
  }

  /** Forgets a tenant that has gone quiet, so that any number of tenants fit. */
  release(tenantId: string): void {
    if (this.#windows.get(tenantId)?.isOpen === true) this.#openCount--
    this.#windows.delete(tenantId)
  }

  #evaluateWindow(tenantId: string, window: Window): void {
    const { logger } = this.#options
    const { events, rejected } = window
    const isOpen = rejected >= events * REJECTED_RATIO_TO_OPEN
    if (isOpen === window.isOpen) return
    window.isOpen = isOpen
    this.#openCount += isOpen ? 1 : -1
    if (isOpen)
      logger.error('circuit breaker opened: nearly all events of a tenant are rejected', { tenantId, events, rejected })
    else logger.info('circuit breaker closed: events of the tenant are accepted again', { tenantId, events, rejected })
  }
}

import type { Clock } from '../../base/clock.ts'
import type { InFlightVisitor } from '../accounting/ledger.ts'
import type { BufferedEvent } from '../stages.ts'

export interface EventBufferOptions {
  /** Events of one tenant that make a flush due. */
  readonly bufferSize: number
  /** Age of the oldest event that makes a flush due, in milliseconds. */
  readonly flushIntervalMs: number
  readonly clock: Clock
}

/**
 * The queue between the actors and the writer, by tenant. A flush becomes due when one tenant has `bufferSize` events, or when the oldest event is `flushIntervalMs` old;
 * it is due then for the events of all tenants.
 */
export class EventBuffer {
  readonly #options: EventBufferOptions
  /** Tenants whose events were taken last are at the end, behind those that wait for their share. */
  readonly #eventsByTenant = new Map<string, BufferedEvent[]>()
  #size = 0
  #isFlushDue = false
  #cancelAgeTimer: (() => void) | undefined
  #notifyFlushDue: () => void = () => {}

  constructor(options: EventBufferOptions) {
    this.#options = options
  }

  /** Sets the function that is called when a flush is due: the writer waits for it. */
  onFlushDue(notify: () => void): void {
    this.#notifyFlushDue = notify
  }

  add(event: BufferedEvent): void {
    const { bufferSize, flushIntervalMs, clock } = this.#options
    const { tenantId } = event.account
    let events = this.#eventsByTenant.get(tenantId)
    if (!events) this.#eventsByTenant.set(tenantId, (events = []))
    events.push(event)
    this.#size++
    if (this.#isFlushDue) return
    // The timer only signals that a flush is due: an error while flushing surfaces in the loop of the writer.
    this.#cancelAgeTimer ??= clock.after(flushIntervalMs, () => this.flush())
    if (events.length >= bufferSize) this.flush()
  }

  /** Makes every buffered event due now. */
  flush(): void {
    if (this.#size === 0) return
    this.#isFlushDue = true
    this.#notifyFlushDue()
  }

  /** Removes up to `limit` events, a fair share of each tenant's, oldest first. The rest stays due. */
  take(limit: number): BufferedEvent[] {
    const batch: BufferedEvent[] = []
    while (batch.length < limit && this.#size > batch.length) {
      const share = Math.max(1, Math.ceil((limit - batch.length) / this.#eventsByTenant.size))
      for (const [tenantId, events] of [...this.#eventsByTenant]) {
        const count = Math.min(share, limit - batch.length)
        const taken = events.length <= count ? events : events.splice(0, count)
        for (const event of taken) batch.push(event)
        // To the end: otherwise the tenants behind would starve while the first ones are refilled.
        this.#eventsByTenant.delete(tenantId)
        if (taken !== events) this.#eventsByTenant.set(tenantId, events)
        if (batch.length >= limit) break
      }
    }
    this.#size -= batch.length
    if (this.#size > 0) return batch
    this.#isFlushDue = false
    this.close()
    return batch
  }

  get isFlushDue(): boolean {
    return this.#isFlushDue
  }

  get size(): number {
    return this.#size
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const events of this.#eventsByTenant.values()) visit(events[0]!.account, events.length)
  }

  /** Stops the timer. */
  close(): void {
    this.#cancelAgeTimer?.()
    this.#cancelAgeTimer = undefined
  }
}

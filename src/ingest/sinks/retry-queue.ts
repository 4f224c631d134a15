import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { InFlightDelivery, InFlightVisitor } from '../accounting/ledger.ts'

/** The default number of concurrent calls of `put`; the other items wait. */
const MAX_PENDING = 500
/** After an interruption the source waits until the last item is settled: the queue must not wait long once its stream is available again. */
const MAX_BACKOFF_MS = 2_000

export interface RetryQueueOptions<Item extends { readonly inFlight: InFlightDelivery }> {
  readonly maxPending?: number | undefined
  /** Resolves once the item is stored; rejects when that is not known. Safe to repeat. */
  readonly put: (item: Item) => Promise<void>
  /** Called once the item is stored; called again when it throws. */
  readonly onDone: (item: Item) => void
  readonly onFailed: (item: Item, attempt: number, error: unknown) => void
  readonly report: ReportUnexpectedError
  readonly clock: Clock
  /** Ends the retries: items that are not stored by then stay unsettled and are delivered again. */
  readonly signal: AbortSignal
}

/** Stores deliveries at another place than the event store, a bounded number concurrently. Each is retried until it succeeds, while the others continue. */
export class RetryQueue<Item extends { readonly inFlight: InFlightDelivery }> {
  readonly #options: RetryQueueOptions<Item>
  readonly #pending = new Set<Item>()
  /** A set, as removing the first item of a long array takes time proportional to its length. */
  readonly #waiting = new Set<Item>()

  constructor(options: RetryQueueOptions<Item>) {
    this.#options = options
  }

  add(item: Item): void {
    if (this.#pending.size < (this.#options.maxPending ?? MAX_PENDING)) void this.#put(item)
    else this.#waiting.add(item)
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const { inFlight } of this.#pending) visit(inFlight.account, 1)
    for (const { inFlight } of this.#waiting) visit(inFlight.account, 1)
  }

  async #put(item: Item): Promise<void> {
    const { put, onDone, onFailed, report, clock, signal, maxPending = MAX_PENDING } = this.#options
    this.#pending.add(item)
    let isStored = false
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (!isStored) await put(item)
        if (signal.aborted) return
        isStored = true
        onDone(item)
        break
      } catch (error) {
        if (isStored) report('ingestion', error, { part: 'retry queue', attempt })
        else onFailed(item, attempt, error)
        await sleep(clock, backoffMs(attempt, { maxMs: MAX_BACKOFF_MS }), signal)
      }
    }
    if (signal.aborted) return
    this.#pending.delete(item)
    for (const next of this.#waiting) {
      if (this.#pending.size >= maxPending) break
      this.#waiting.delete(next)
      void this.#put(next)
    }
  }
}

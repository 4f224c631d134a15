import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { InFlightDelivery, InFlightVisitor } from '../accounting/ledger.ts'

/** So many are on their way at once, if nothing else is said; the rest wait. */
const MAX_PENDING = 500
/** The whole source waits for the last of them when deliveries were interrupted: it may not sleep long after its stream is there again. */
const MAX_BACKOFF_MS = 2_000

export interface RetryQueueOptions<Item extends { readonly held: InFlightDelivery }> {
  readonly maxPending?: number | undefined
  /** Resolves once the item is put away for good; rejects when that is not known. Safe to repeat. */
  readonly put: (item: Item) => Promise<void>
  /** Called once it is put away; again when it throws. */
  readonly onDone: (item: Item) => void
  readonly onFailed: (item: Item, attempt: number, error: unknown) => void
  readonly report: ReportUnexpectedError
  readonly clock: Clock
  /** Ends the retries: what is not put away by then stays unsettled and is delivered again. */
  readonly signal: AbortSignal
}

/** Puts deliveries away somewhere else, a bounded number at once, each for as long as it takes, while its neighbours go on. */
export class RetryQueue<Item extends { readonly held: InFlightDelivery }> {
  readonly #options: RetryQueueOptions<Item>
  readonly #pending = new Set<Item>()
  /** A set, as taking the first out of a long list costs the length of the list. */
  readonly #waiting = new Set<Item>()

  constructor(options: RetryQueueOptions<Item>) {
    this.#options = options
  }

  add(item: Item): void {
    if (this.#pending.size < (this.#options.maxPending ?? MAX_PENDING)) void this.#put(item)
    else this.#waiting.add(item)
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const { held } of this.#pending) visit(held.account, 1)
    for (const { held } of this.#waiting) visit(held.account, 1)
  }

  async #put(item: Item): Promise<void> {
    const { put, onDone, onFailed, report, clock, signal, maxPending = MAX_PENDING } = this.#options
    this.#pending.add(item)
    let isPut = false
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (!isPut) await put(item)
        if (signal.aborted) return
        isPut = true
        onDone(item)
        break
      } catch (error) {
        if (isPut) report('ingestion', error, { part: 'outbox', attempt })
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

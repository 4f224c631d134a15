import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { InFlightDelivery, InFlightVisitor } from '../accounting/ledger.ts'
import type { DeliverySink } from '../ports.ts'
import type { Settle } from '../stages.ts'
import { AggregatedLog } from './aggregated-log.ts'
import { RetryQueue } from './retry-queue.ts'

/** The most forwarded events in flight; they are sent in batches. */
const MAX_FORWARDING = 20_000

/** The outcomes of events that this process does not store now: deferred until the quota of the tenant admits them, or forwarded to the process that stores them. */
type ForwardedOutcome = 'deferred' | 'forwarded'

type ForwardQueue = RetryQueue<{ readonly inFlight: InFlightDelivery }>

export interface ForwarderOptions {
  readonly deferredSink: DeliverySink
  /** Undefined = this process stores the events of every tenant. */
  readonly forwarding: DeliverySink | undefined
  readonly settle: Settle
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
  readonly signal: AbortSignal
}

/** Sends events that this process does not store now to the place where they wait, or to the process that stores them. Each is settled when it is there. */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #queues: Readonly<Record<ForwardedOutcome, ForwardQueue | undefined>>

  constructor(options: ForwarderOptions) {
    this.#options = options
    const { deferredSink, forwarding } = options
    this.#queues = {
      deferred: this.#createQueue('deferred', deferredSink),
      forwarded: forwarding && this.#createQueue('forwarded', forwarding, MAX_FORWARDING),
    }
  }

  send(inFlight: InFlightDelivery, outcome: ForwardedOutcome): void {
    const queue = this.#queues[outcome]
    if (!queue) throw new Error(`No sink takes events that are ${outcome}.`)
    queue.add({ inFlight })
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const queue of Object.values(this.#queues)) queue?.forEachInFlight(visit)
  }

  #createQueue(outcome: ForwardedOutcome, sink: DeliverySink, maxPending?: number): ForwardQueue {
    const { settle, clock, logger, report, signal } = this.#options
    const failed = new AggregatedLog({
      clock,
      signal,
      write: (fields) => logger.error('sending events failed; retrying', fields),
    })
    return new RetryQueue({
      maxPending,
      report,
      clock,
      signal,
      // Async, so that an error which the sink throws is a rejection.
      put: async ({ inFlight: { delivery, account } }) => sink.put(delivery, account.tenantId),
      onDone: ({ inFlight }) => settle([inFlight], outcome),
      onFailed: ({ inFlight: { delivery, account } }, attempt, error) =>
        failed.add(account.tenantId, outcome, { outcome, sequence: delivery.place.sequence, attempt, error }),
    })
  }
}

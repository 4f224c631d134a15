import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { AggregatedLog } from './aggregated-log.ts'
import type { InFlightDelivery, InFlightVisitor } from '../accounting/ledger.ts'
import { RetryQueue } from './retry-queue.ts'
import type { DeliverySink } from '../ports.ts'

/** Events that are passed on are sent in packs: so many may be on their way. */
const MAX_FORWARDING = 20_000

/** The ways on which events leave that this process does not store now. */
type ForwardDestination = 'delayed' | 'passed'

export interface ForwarderOptions {
  readonly sinks: Readonly<Record<ForwardDestination, DeliverySink | undefined>>
  readonly onDone: (held: InFlightDelivery, way: ForwardDestination) => void
  readonly report: ReportUnexpectedError
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Sends deliveries on: those of tenants over their quota to wait, others' to the process that stores them. */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #queues: Readonly<Record<ForwardDestination, RetryQueue<{ readonly held: InFlightDelivery }>>>

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.#queues = { delayed: this.#createQueue('delayed'), passed: this.#createQueue('passed', MAX_FORWARDING) }
  }

  send(held: InFlightDelivery, destination: ForwardDestination): void {
    this.#queues[destination].add({ held })
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const outbox of Object.values(this.#queues)) outbox.forEachInFlight(visit)
  }

  #createQueue(destination: ForwardDestination, maxPending?: number): RetryQueue<{ readonly held: InFlightDelivery }> {
    const { sinks, onDone, report, clock, logger, signal } = this.#options
    const failed = new AggregatedLog({
      clock,
      signal,
      write: (fields) => logger.error('an event cannot be sent on yet', fields),
    })
    return new RetryQueue({
      report,
      clock,
      maxPending,
      signal,
      put: async ({ held: { delivery, account } }) => sinks[destination]?.put(delivery, account.tenantId),
      onDone: ({ held }) => onDone(held, destination),
      onFailed: ({ held: { delivery, account } }, attempt, error) =>
        failed.add(account.tenantId, destination, {
          way: destination,
          sequence: delivery.place.sequence,
          attempt,
          error,
        }),
    })
  }
}

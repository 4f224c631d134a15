import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { ReportUnexpectedError } from '../unexpected-errors.ts'
import { AggregatedLog } from './aggregated-log.ts'
import type { HeldDelivery, HeldVisitor } from './ledger.ts'
import { Outbox } from './outbox.ts'
import type { DeliverySink } from './ports.ts'

/** Events that are passed on are sent in packs: so many may be on their way. */
const MAX_PASSING = 20_000

/** The ways on which events leave that this process does not store now. */
type Way = 'delayed' | 'passed'

export interface OnwardOptions {
  readonly sinks: Readonly<Record<Way, DeliverySink | undefined>>
  readonly onDone: (held: HeldDelivery, way: Way) => void
  readonly report: ReportUnexpectedError
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Sends deliveries on: those of tenants over their quota to wait, others' to the process that stores them. */
export class Onward {
  readonly #options: OnwardOptions
  readonly #outboxes: Readonly<Record<Way, Outbox<{ readonly held: HeldDelivery }>>>

  constructor(options: OnwardOptions) {
    this.#options = options
    this.#outboxes = { delayed: this.#outbox('delayed'), passed: this.#outbox('passed', MAX_PASSING) }
  }

  send(held: HeldDelivery, way: Way): void {
    this.#outboxes[way].add({ held })
  }

  forEachHeld(visit: HeldVisitor): void {
    for (const outbox of Object.values(this.#outboxes)) outbox.forEachHeld(visit)
  }

  #outbox(way: Way, maxPending?: number): Outbox<{ readonly held: HeldDelivery }> {
    const { sinks, onDone, report, clock, logger, signal } = this.#options
    const failed = new AggregatedLog({
      clock,
      signal,
      write: (fields) => logger.error('an event cannot be sent on yet', fields),
    })
    return new Outbox({
      report,
      clock,
      maxPending,
      signal,
      put: async ({ held: { delivery, account } }) => sinks[way]?.put(delivery, account.tenantId),
      onDone: ({ held }) => onDone(held, way),
      onFailed: ({ held: { delivery, account } }, attempt, error) =>
        failed.add(account.tenantId, way, { way, sequence: delivery.place.sequence, attempt, error }),
    })
  }
}

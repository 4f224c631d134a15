import type { Clock } from '../../base/clock.ts'
import type { RejectionReason } from '../../events/rejection.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { AggregatedLog } from './aggregated-log.ts'
import type { InFlightDelivery } from '../accounting/ledger.ts'
import { RetryQueue } from './retry-queue.ts'
import type { DeadLetterSink } from '../ports.ts'

/** So many are on their way at once: a flood of bad events leaves as fast as good ones are stored. */
const MAX_PENDING = 2_000

export interface DeadLetterQueueOptions {
  readonly sink: DeadLetterSink
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly signal: AbortSignal
  readonly onSettled: (held: InFlightDelivery) => void
}

interface RejectedDelivery {
  readonly held: InFlightDelivery
  readonly reason: RejectionReason
  readonly message: string
}

/** Rejected messages on their way to the dead letters; each is settled only when it is there. */
export function createDeadLetterQueue(options: DeadLetterQueueOptions): RetryQueue<RejectedDelivery> {
  const { sink, clock, logger, metrics, report, signal, onSettled } = options
  const rejected = new AggregatedLog({ clock, signal, write: (fields) => logger.warn('events rejected', fields) })
  const failed = new AggregatedLog({
    clock,
    signal,
    write: (fields) => logger.error('a dead letter cannot be stored yet', fields),
  })
  return new RetryQueue<RejectedDelivery>({
    maxPending: MAX_PENDING,
    report,
    clock,
    signal,
    put: async ({ held: { delivery }, reason, message }) => {
      await sink.put({ delivery, reason, message })
    },
    onDone({ held, reason, message }) {
      const { subject, sequence } = held.delivery
      metrics.eventsDeadLettered.add(1, { reason })
      rejected.add(held.account.tenantId, reason, { reason, detail: message, subject, sequence })
      onSettled(held)
    },
    onFailed({ held, reason }, attempt, error) {
      const { sequence } = held.delivery
      failed.add(held.account.tenantId, reason, { reason, sequence, attempt, error })
    },
  })
}

import type { Clock } from '../../base/clock.ts'
import type { RejectionReason } from '../../events/rejection.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { InFlightDelivery } from '../accounting/ledger.ts'
import type { DeadLetterSink } from '../ports.ts'
import type { Settle } from '../stages.ts'
import { AggregatedLog } from './aggregated-log.ts'
import { RetryQueue } from './retry-queue.ts'

/** The most dead letters that are stored concurrently: a flood of rejected events leaves as fast as valid ones are stored. */
const MAX_PENDING = 2_000

export interface DeadLetterQueueOptions {
  readonly sink: DeadLetterSink
  readonly settle: Settle
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly signal: AbortSignal
}

interface RejectedDelivery {
  readonly inFlight: InFlightDelivery
  readonly reason: RejectionReason
  readonly message: string
}

/** Rejected deliveries on their way to the dead letters. Each is settled when it is stored there. */
export function createDeadLetterQueue(options: DeadLetterQueueOptions): RetryQueue<RejectedDelivery> {
  const { sink, settle, clock, logger, metrics, report, signal } = options
  const rejected = new AggregatedLog({ clock, signal, write: (fields) => logger.warn('events rejected', fields) })
  const failed = new AggregatedLog({
    clock,
    signal,
    write: (fields) => logger.error('storing dead letters failed; retrying', fields),
  })
  return new RetryQueue<RejectedDelivery>({
    maxPending: MAX_PENDING,
    report,
    clock,
    signal,
    put: async ({ inFlight: { delivery }, reason, message }) => {
      await sink.put({ delivery, reason, message })
    },
    onDone({ inFlight, reason, message }) {
      const { subject, sequence } = inFlight.delivery
      metrics.eventsDeadLettered.add(1, { reason })
      rejected.add(inFlight.account.tenantId, reason, { reason, detail: message, subject, sequence })
      settle([inFlight], 'dead_lettered')
    },
    onFailed({ inFlight, reason }, attempt, error) {
      const { sequence } = inFlight.delivery
      failed.add(inFlight.account.tenantId, reason, { reason, sequence, attempt, error })
    },
  })
}

import type { Clock } from '../clock.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { ReportUnexpectedError } from '../unexpected-errors.ts'
import { AggregatedLog } from './aggregated-log.ts'
import type { HeldDelivery } from './ledger.ts'
import { Outbox } from './outbox.ts'
import type { DeadLetterSink } from './ports.ts'

/** So many are on their way at once: a flood of bad events leaves as fast as good ones are stored. */
const MAX_PENDING = 2_000

export interface DeadLettersOptions {
  readonly sink: DeadLetterSink
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly report: ReportUnexpectedError
  readonly signal: AbortSignal
  readonly onSettled: (held: HeldDelivery) => void
}

interface Burial {
  readonly held: HeldDelivery
  readonly reason: RejectionReason
  readonly message: string
}

/** Rejected messages on their way to the dead letters; each is settled only when it is there. */
export function createDeadLetters(options: DeadLettersOptions): Outbox<Burial> {
  const { sink, clock, logger, metrics, report, signal, onSettled } = options
  const rejected = new AggregatedLog({ clock, signal, write: (fields) => logger.warn('events rejected', fields) })
  const failed = new AggregatedLog({
    clock,
    signal,
    write: (fields) => logger.error('a dead letter cannot be stored yet', fields),
  })
  return new Outbox<Burial>({
    maxPending: MAX_PENDING,
    report,
    clock,
    signal,
    put: async ({ held: { delivery }, reason, message }) => {
      await sink.put({ delivery, reason, message })
    },
    onDone({ held, reason, message }) {
      const { subject, sequence } = held.delivery
      metrics.eventsDead.add(1, { reason })
      rejected.add(held.account.tenantId, reason, { reason, detail: message, subject, sequence })
      onSettled(held)
    },
    onFailed({ held, reason }, attempt, error) {
      const { sequence } = held.delivery
      failed.add(held.account.tenantId, reason, { reason, sequence, attempt, error })
    },
  })
}

import type { Clock } from '../clock.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { HeldDelivery } from './ledger.ts'
import { Outbox } from './outbox.ts'
import type { DeadLetterSink } from './ports.ts'

export interface DeadLettersOptions {
  readonly sink: DeadLetterSink
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
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
  const { sink, clock, logger, metrics, signal, onSettled } = options
  return new Outbox<Burial>({
    clock,
    signal,
    put: async ({ held: { delivery }, reason, message }) => {
      await sink.put({ delivery, reason, message })
    },
    onDone({ held, reason }) {
      const { subject, sequence } = held.delivery
      metrics.eventsDead.add(1, { reason })
      logger.warn('event rejected', { reason, subject, sequence })
      onSettled(held)
    },
    onFailed({ held, reason }, attempt, error) {
      const { sequence } = held.delivery
      logger.error('a dead letter cannot be stored yet', { reason, sequence, attempt, error })
    },
  })
}

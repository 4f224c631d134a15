import { backoffMs, sleep, type Clock } from '../clock.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Ticket } from './ack-floor.ts'
import type { DeadLetterSink, Delivery } from './ports.ts'

export interface DeadLettersOptions {
  readonly sink: DeadLetterSink
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Ends the retries: what is not put away by then stays unsettled and is delivered again. */
  readonly signal: AbortSignal
  readonly onSettled: (delivery: Delivery, ticket: Ticket) => void
}

/** Puts rejected messages away and settles them only then; retries for as long as it takes, while their neighbours go on. */
export class DeadLetters {
  readonly #options: DeadLettersOptions

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  bury(delivery: Delivery, ticket: Ticket, reason: RejectionReason, message: string): void {
    void this.#put(delivery, ticket, reason, message)
  }

  async #put(delivery: Delivery, ticket: Ticket, reason: RejectionReason, message: string): Promise<void> {
    const { sink, clock, logger, metrics, signal, onSettled } = this.#options
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await sink.put({ delivery, reason, message })
        metrics.eventsDead.add(1, { reason })
        logger.warn('event rejected', { reason, subject: delivery.subject, sequence: delivery.sequence })
        return onSettled(delivery, ticket)
      } catch (error) {
        logger.error('a dead letter cannot be stored yet', { reason, sequence: delivery.sequence, attempt, error })
        await sleep(clock, backoffMs(attempt), signal)
      }
    }
  }
}

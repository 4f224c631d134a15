import { backoffMs, sleep, type Clock } from '../clock.ts'
import type { RejectionReason } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { HeldDelivery, HeldVisitor } from './ledger.ts'
import type { DeadLetterSink } from './ports.ts'

/** So many are on their way to the broker at once; the rest wait. */
const MAX_PENDING_PUTS = 500

export interface DeadLettersOptions {
  readonly sink: DeadLetterSink
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Ends the retries: what is not put away by then stays unsettled and is delivered again. */
  readonly signal: AbortSignal
  readonly onSettled: (held: HeldDelivery) => void
}

interface Burial {
  readonly held: HeldDelivery
  readonly reason: RejectionReason
  readonly message: string
}

/** Puts rejected messages away and settles them only then; retries for as long as it takes, while their neighbours go on. */
export class DeadLetters {
  readonly #options: DeadLettersOptions
  readonly #pending = new Set<Burial>()
  #waiting: Burial[] = []

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  bury(held: HeldDelivery, reason: RejectionReason, message: string): void {
    const burial: Burial = { held, reason, message }
    if (this.#pending.size < MAX_PENDING_PUTS) void this.#put(burial)
    else this.#waiting.push(burial)
  }

  forEachHeld(visit: HeldVisitor): void {
    for (const { held } of this.#pending) visit(held.account, 1)
    for (const { held } of this.#waiting) visit(held.account, 1)
  }

  async #put(burial: Burial): Promise<void> {
    const { sink, clock, logger, metrics, signal, onSettled } = this.#options
    const { held, reason, message } = burial
    const { delivery } = held
    this.#pending.add(burial)
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await sink.put({ delivery, reason, message })
        break
      } catch (error) {
        logger.error('a dead letter cannot be stored yet', { reason, sequence: delivery.sequence, attempt, error })
        await sleep(clock, backoffMs(attempt), signal)
      }
    }
    if (signal.aborted) return
    metrics.eventsDead.add(1, { reason })
    logger.warn('event rejected', { reason, subject: delivery.subject, sequence: delivery.sequence })
    this.#pending.delete(burial)
    onSettled(held)
    this.#buryNext()
  }

  #buryNext(): void {
    if (this.#waiting.length === 0) return
    const next = this.#waiting.splice(0, MAX_PENDING_PUTS - this.#pending.size)
    for (const burial of next) void this.#put(burial)
  }
}

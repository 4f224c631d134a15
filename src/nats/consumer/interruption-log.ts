import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { PullEnd } from './pull.ts'

/** When this process did nothing for so long shortly before an interruption, that is what the log says: the broker may be well. */
const MIN_PAUSE_MS = 2_000
const RECENT_MS = 15_000

export interface InterruptionLogOptions {
  /** The consumer's name. */
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Tells why deliveries were interrupted: by the broker or the wire, or because this process was held up and heard of them too late. */
export class InterruptionLog {
  readonly #options: InterruptionLogOptions
  /** When this process was last held up, by the monotonic clock, and for how long. */
  #lastPause = { at: -Infinity, ms: 0 }

  constructor(options: InterruptionLogOptions) {
    this.#options = options
  }

  /** This process was held up for so long. */
  recordProcessPause(durationMs: number): void {
    if (durationMs >= MIN_PAUSE_MS) this.#lastPause = { at: this.#options.clock.monotonic(), ms: durationMs }
  }

  /** Writes a warning with the cause. */
  logInterruption(cause: PullEnd): void {
    const { durable: consumer, clock, logger } = this.#options
    const { at, ms } = this.#lastPause
    if (clock.monotonic() - at < RECENT_MS)
      logger.warn('this process was held up and missed deliveries; going back to what is settled', {
        consumer,
        cause,
        heldUpMs: Math.round(ms),
      })
    else logger.warn('deliveries were interrupted; going back to what is settled', { consumer, cause })
  }
}

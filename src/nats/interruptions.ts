import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { PullEnding } from './pull.ts'

/** When this process did nothing for so long shortly before an interruption, that is what the log says: the broker may be well. */
const HELD_UP_MS = 2_000
const SHORTLY_MS = 15_000

export interface InterruptionsOptions {
  /** The consumer's name. */
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Tells why deliveries were interrupted: by the broker or the wire, or because this process was held up and heard of them too late. */
export class Interruptions {
  readonly #options: InterruptionsOptions
  /** When this process was last held up, by the monotonic clock, and for how long. */
  #heldUp = { at: -Infinity, ms: 0 }

  constructor(options: InterruptionsOptions) {
    this.#options = options
  }

  /** This process was held up for so long. */
  noteHoldUp(durationMs: number): void {
    if (durationMs >= HELD_UP_MS) this.#heldUp = { at: this.#options.clock.monotonic(), ms: durationMs }
  }

  /** Writes a warning with the cause. */
  tell(cause: PullEnding): void {
    const { durable: consumer, clock, logger } = this.#options
    const { at, ms } = this.#heldUp
    if (clock.monotonic() - at < SHORTLY_MS)
      logger.warn('this process was held up and missed deliveries; going back to what is settled', {
        consumer,
        cause,
        heldUpMs: Math.round(ms),
      })
    else logger.warn('deliveries were interrupted; going back to what is settled', { consumer, cause })
  }
}

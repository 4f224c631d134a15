import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { PullEnd } from './pull.ts'

/** A pause of the process of this length, shortly before an interruption, is logged as its cause: the broker may have no fault. */
const MIN_PAUSE_MS = 2_000
const RECENT_MS = 15_000

export interface InterruptionLogOptions {
  /** The consumer's name. */
  readonly durable: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Logs why deliveries were interrupted: by the broker or the network, or because this process was paused and received them too late. */
export class InterruptionLog {
  readonly #options: InterruptionLogOptions
  /** The last pause of this process: its end on the monotonic clock and its duration. */
  #lastPause = { at: -Infinity, ms: 0 }

  constructor(options: InterruptionLogOptions) {
    this.#options = options
  }

  /** This process was paused for `durationMs`. */
  recordProcessPause(durationMs: number): void {
    if (durationMs >= MIN_PAUSE_MS) this.#lastPause = { at: this.#options.clock.monotonic(), ms: durationMs }
  }

  /** Writes a warning with the cause. */
  logInterruption(cause: PullEnd): void {
    const { durable: consumer, clock, logger } = this.#options
    const { at, ms } = this.#lastPause
    if (clock.monotonic() - at < RECENT_MS)
      logger.warn('process paused and deliveries missed; resuming after the last settled message', {
        consumer,
        cause,
        processPausedMs: Math.round(ms),
      })
    else logger.warn('deliveries interrupted; resuming after the last settled message', { consumer, cause })
  }
}

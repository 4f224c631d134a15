import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'

/** So many are tried after a pause. */
const TRIAL_EVENTS = 1_000
/** So large a part of all events rejected is no producer's mistake, but ours. */
const TRIPPING_RATIO = 0.95
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 30_000

export interface BreakerOptions {
  /** So many events are judged together; 0 = never trips. */
  readonly windowEvents: number
  readonly clock: Clock
  readonly logger: Logger
  /** It is worth asking for capacity again. */
  readonly onClosed: () => void
}

/**
 * The circuit breaker for mass rejection. When nearly all of a whole window of events are rejected, the mistake is most likely a release of ours or of a producer, and
 * draining the stream into the dead letters helps nobody: it opens, nothing more is taken, readiness fails. After a pause a few events are tried; the pauses grow
 * while those are rejected too, so that a flood of bad events still drains, slowly, and what follows it is reached.
 */
export class Breaker {
  readonly #options: BreakerOptions
  #judged = 0
  #rejected = 0
  #pauseMs = 0
  #isOpen = false

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** True from the trip until a trial goes well. */
  get isTripped(): boolean {
    return this.#pauseMs > 0
  }

  /** How many events may be taken now as far as the breaker is concerned. */
  get admittedEvents(): number {
    if (this.#isOpen) return 0
    return this.isTripped ? Math.min(TRIAL_EVENTS, this.#options.windowEvents) : Infinity
  }

  /** So many events were rejected, or understood. Each event is judged once. */
  judge(isRejected: boolean, count: number): void {
    const { windowEvents } = this.#options
    if (windowEvents === 0) return
    this.#judged += count
    if (isRejected) this.#rejected += count
    if (this.#judged < (this.isTripped ? Math.min(TRIAL_EVENTS, windowEvents) : windowEvents)) return
    const isTripped = this.#rejected >= this.#judged * TRIPPING_RATIO
    this.#judged = 0
    this.#rejected = 0
    if (isTripped) this.#open()
    else if (this.isTripped) this.#recover()
  }

  #open(): void {
    // What was under way when it opened is judged too, and opens nothing anew.
    if (this.#isOpen) return
    this.#isOpen = true
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
    this.#options.logger.error('nearly all events are rejected; intake pauses', { pauseMs: this.#pauseMs })
    this.#options.clock.after(this.#pauseMs, () => {
      this.#isOpen = false
      this.#judged = 0
      this.#rejected = 0
      this.#options.onClosed()
    })
  }

  #recover(): void {
    if (this.#isOpen) return
    this.#pauseMs = 0
    this.#options.logger.info('events are understood again; intake goes on as usual')
  }
}

import type { Clock } from '../../../src/base/clock.ts'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** A clock that advances only when a test moves it. Timers follow the monotonic clock, which starts at the same number as the wall clock. */
export class ManualClock implements Clock {
  /** Current time of the monotonic clock. */
  #now: number
  #wallOffset = 0
  readonly #timers = new Set<Timer>()

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now + this.#wallOffset
  }

  monotonic(): number {
    return this.#now
  }

  /** Sets the wall clock, as an operator or a time server does. */
  setWallClock(instant: number): void {
    this.#wallOffset = instant - this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** The number of active timers. */
  get timerCount(): number {
    return this.#timers.size
  }

  /** Advances the time: every due timer runs at its own instant, and its promises settle before the next timer runs. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs
    await settled()
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await settled()
    }
    this.#now = end
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
    return next
  }
}

/** Resolves when all promises have settled that depend on no timer and no input or output. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

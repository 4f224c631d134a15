/**
 * Time as a port: the wall clock, a monotonic clock and timers, so that tests control the time.
 * All instants are epoch milliseconds, all durations milliseconds.
 */
export interface Clock {
  /** The wall clock, for dates and for instants that other machines or people read. It can be set back or forward at any moment. */
  now(): number
  /** Milliseconds since an arbitrary instant. It never goes back: every duration, timeout, age and rate is measured with it. */
  monotonic(): number
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`, or at once when `signal` aborts: `signal.aborted` distinguishes the two. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const wake = () => {
      cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = clock.after(delayMs, wake)
    signal?.addEventListener('abort', wake)
  })
}

/** Resolves when `signal` aborts. For `Promise.race` with a promise that may never settle. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Exponential backoff with full jitter in its upper half: `attempt` counts from 0. */
export function backoffMs(attempt: number, { firstMs = 100, maxMs = 10_000, random = Math.random } = {}): number {
  const maxDelayMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20))
  return maxDelayMs / 2 + (maxDelayMs / 2) * random()
}

/** Smaller steps are regular corrections by a time server. */
const MIN_SET_BACK_MS = 500

/** Creates a function that returns by how many milliseconds the wall clock was set back since its last call; 0 when it was not. For libraries that measure durations with the wall clock. */
export function createSetBackDetector(clock: Clock): () => number {
  let lastOffset = clock.now() - clock.monotonic()
  return () => {
    const offset = clock.now() - clock.monotonic()
    const setBackMs = lastOffset - offset
    lastOffset = offset
    return setBackMs >= MIN_SET_BACK_MS ? setBackMs : 0
  }
}

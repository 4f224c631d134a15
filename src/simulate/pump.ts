import { sleep } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { SimulatedEvent } from './event.ts'
import type { Publisher } from './publisher.ts'

const tickMs = 10

/** Publishes all events as fast as they are acknowledged, until they end, `signal` aborts or the publisher is hopeless. */
export async function publishAll(
  events: Iterable<SimulatedEvent>,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<void> {
  for (const event of events) {
    if (!publisher.hasRoom()) await publisher.room()
    if (signal.aborted || publisher.isHopeless) break
    publisher.send(event)
  }
}

export interface SteadyOptions {
  readonly clock: Clock
  readonly ratePerSecond: number
  /** Infinity: until `signal` aborts. */
  readonly durationMs: number
  readonly signal: AbortSignal
}

/**
 * Publishes `ratePerSecond` events each second, exactly rate × duration of them when the broker keeps up. When it does not, at most a second's
 * worth is made up for later, so that a pause is not followed by a flood.
 */
export async function publishSteadily(
  events: Iterable<SimulatedEvent>,
  publisher: Publisher,
  options: SteadyOptions,
): Promise<void> {
  const { clock, durationMs, ratePerSecond, signal } = options
  const startMs = clock.monotonic()
  const iterator = events[Symbol.iterator]()
  let settledCount = 0
  for (;;) {
    const elapsedMs = Math.min(durationMs, clock.monotonic() - startMs)
    const dueCount = Math.floor((elapsedMs * ratePerSecond) / 1_000)
    settledCount = Math.max(settledCount, dueCount - ratePerSecond)
    while (settledCount < dueCount) {
      if (!publisher.hasRoom()) await publisher.room()
      if (signal.aborted || publisher.isHopeless) return
      const next = iterator.next()
      if (next.done) return
      publisher.send(next.value)
      settledCount++
    }
    if (elapsedMs >= durationMs || signal.aborted || publisher.isHopeless) return
    await sleep(clock, tickMs, signal)
  }
}

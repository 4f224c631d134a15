import { sleep } from '../../../base/clock.ts'
import type { Clock } from '../../../base/clock.ts'
import type { SimulatedEvent } from '../simulated-event.ts'
import type { Publisher } from './publisher.ts'

const INTERVAL_MS = 10

/** Publishes all events as fast as they are acknowledged, until they end, `signal` aborts or the publisher should give up. */
export async function publishAll(
  events: Iterable<SimulatedEvent>,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<void> {
  for (const event of events) {
    if (!publisher.hasCapacity()) await publisher.waitForCapacity()
    if (signal.aborted || publisher.shouldGiveUp) break
    publisher.send(event)
  }
}

export interface RateOptions {
  readonly clock: Clock
  readonly ratePerSecond: number
  /** Infinity: until `signal` aborts. */
  readonly durationMs: number
  readonly signal: AbortSignal
}

/**
 * Publishes `ratePerSecond` events per second, exactly rate × duration of them when the broker keeps up. When it does not, at most the events of one second are
 * published late, so that a pause is not followed by a burst.
 */
export async function publishAtRate(
  events: Iterable<SimulatedEvent>,
  publisher: Publisher,
  options: RateOptions,
): Promise<void> {
  const { clock, durationMs, ratePerSecond, signal } = options
  const startMs = clock.monotonic()
  const iterator = events[Symbol.iterator]()
  let accountedCount = 0
  for (;;) {
    const elapsedMs = Math.min(durationMs, clock.monotonic() - startMs)
    const dueCount = Math.floor((elapsedMs * ratePerSecond) / 1_000)
    accountedCount = Math.max(accountedCount, dueCount - ratePerSecond)
    while (accountedCount < dueCount) {
      if (!publisher.hasCapacity()) await publisher.waitForCapacity()
      if (signal.aborted || publisher.shouldGiveUp) return
      const next = iterator.next()
      if (next.done) return
      publisher.send(next.value)
      accountedCount++
    }
    if (elapsedMs >= durationMs || signal.aborted || publisher.shouldGiveUp) return
    await sleep(clock, INTERVAL_MS, signal)
  }
}

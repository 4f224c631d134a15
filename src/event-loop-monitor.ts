import type { Clock } from './clock.ts'
import type { Metrics } from './metrics.ts'

const EVERY_MS = 100

/**
 * Measures how long the event loop is held: by how much a timer is late, ten times a second, until `stopped` aborts. While the loop is held nobody is answered,
 * so the delay is what every request that comes then has to wait at least. */
export function startEventLoopMonitor(
  clock: Clock,
  { eventLoopDelaySeconds }: Pick<Metrics, 'eventLoopDelaySeconds'>,
  stopped: AbortSignal,
): void {
  const schedule = () => {
    const dueAt = clock.monotonic() + EVERY_MS
    clock.after(EVERY_MS, () => {
      if (stopped.aborted) return
      eventLoopDelaySeconds.observe(Math.max(0, clock.monotonic() - dueAt) / 1_000)
      schedule()
    })
  }
  schedule()
}

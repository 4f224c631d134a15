import type { Clock } from './clock.ts'
import type { ServiceMetrics } from './service-metrics.ts'

const INTERVAL_MS = 100

/**
 * Measures how long the event loop is held: by how much a timer is late, ten times a second, until `stopped` aborts. While the loop is held nobody is answered,
 * so the delay is what every request that comes then has to wait at least. */
export function startEventLoopMonitor(
  clock: Clock,
  { eventLoopDelaySeconds }: Pick<ServiceMetrics, 'eventLoopDelaySeconds'>,
  stopped: AbortSignal,
): void {
  const schedule = () => {
    const dueAt = clock.monotonic() + INTERVAL_MS
    clock.after(INTERVAL_MS, () => {
      if (stopped.aborted) return
      eventLoopDelaySeconds.observe(Math.max(0, clock.monotonic() - dueAt) / 1_000)
      schedule()
    })
  }
  schedule()
}

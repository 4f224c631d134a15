import type { Clock } from './clock.ts'
import type { ServiceMetrics } from './service-metrics.ts'

const INTERVAL_MS = 100

/**
 * Measures the delay of the event loop, as the lateness of a timer, ten times per second until `stopped` aborts. A blocked loop sends no response: every request in that
 * time waits at least for the measured delay.
 */
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

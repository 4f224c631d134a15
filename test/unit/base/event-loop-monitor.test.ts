import { expect, test } from 'bun:test'
import type { Clock } from '../../../src/base/clock.ts'
import { startEventLoopMonitor } from '../../../src/base/event-loop-monitor.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

test('the lateness of each timer is recorded, until the monitor is stopped', async () => {
  const clock = new ManualClock(0)
  const metrics = createServiceMetrics()
  const stopped = new AbortController()
  let lateMs = 0
  // A blocked loop runs the due timers when it is released.
  const held: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic() + lateMs,
    after: (delayMs, run) => clock.after(delayMs, run),
  }
  startEventLoopMonitor(held, metrics, stopped.signal)
  await clock.advance(100)
  lateMs = 700
  await clock.advance(100)
  lateMs = 0
  const lines = metrics.eventLoopDelaySeconds.sampleLines()
  expect(lines).toContain('analytics_event_loop_delay_seconds_bucket{le="0.001"} 1')
  expect(lines).toContain('analytics_event_loop_delay_seconds_bucket{le="0.5"} 1')
  expect(lines).toContain('analytics_event_loop_delay_seconds_bucket{le="1"} 2')
  expect(lines).toContain('analytics_event_loop_delay_seconds_sum 0.7')
  stopped.abort()
  await clock.advance(1_000)
  expect(metrics.eventLoopDelaySeconds.sampleLines()).toEqual(lines)
  expect(clock.timerCount).toBe(0)
})

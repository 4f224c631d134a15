import type { Publisher } from './publisher.ts'
import { secondMs } from './scenarios/scenario-context.ts'

/** How far a part of the run is, for a person who watches. */
export interface PhaseProgress {
  readonly label: string
  readonly startedMs: number
  /** Whichever is known: how long it lasts, or how many messages it has. */
  readonly durationMs?: number
  readonly eventCount?: number
  readonly publishedBefore: number
}

/** One line about where the run stands; `ratePerSecond` is that of the last second. */
export function progressLine(phase: PhaseProgress, publisher: Publisher, nowMs: number, ratePerSecond: number): string {
  const elapsedMs = nowMs - phase.startedMs
  const published = publisher.published - phase.publishedBefore
  let remaining = 'until Ctrl-C'
  if (phase.durationMs !== undefined && Number.isFinite(phase.durationMs)) {
    remaining = `${formatDuration(Math.max(0, phase.durationMs - elapsedMs))} left`
  } else if (phase.eventCount !== undefined) {
    const left = Math.max(0, phase.eventCount - published)
    remaining = published === 0 ? 'just begun' : `about ${formatDuration((left * elapsedMs) / published)} left`
  }
  const failureText =
    publisher.retries + publisher.failed > 0
      ? `, ${formatCount(publisher.retries)} retries, ${formatCount(publisher.failed)} failed`
      : ''
  return (
    `${phase.label}: ${formatCount(published)} published, ${formatCount(ratePerSecond)}/s, ` +
    `${formatCount(publisher.inFlight)} awaiting acknowledgement${failureText}, ${formatDuration(elapsedMs)} elapsed, ${remaining}`
  )
}

/** What the whole run came to. */
export function summaryLine(publisher: Publisher, elapsedMs: number, tenantCount: number): string {
  const rate = (publisher.published * secondMs) / Math.max(1, elapsedMs)
  return (
    `Published ${formatCount(publisher.published)} events of ${formatCount(tenantCount)} tenant${tenantCount === 1 ? '' : 's'} in ${formatDuration(elapsedMs)} ` +
    `(${formatCount(rate)}/s). Among them ${formatCount(publisher.duplicates)} repeats that the broker recognised; ` +
    `${formatCount(publisher.retries)} retries, ${formatCount(publisher.failed)} failed.`
  )
}

function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / secondMs)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

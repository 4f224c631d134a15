import { SECOND_MS } from '../../duration.ts'
import { formatCount, formatDuration, pluralise } from '../../format.ts'
import type { Publisher } from './publisher.ts'

/** A part of the run and its length. */
export interface PhaseProgress {
  readonly label: string
  readonly startedMs: number
  /** Set when the part ends by time; Infinity = until stopped. */
  readonly durationMs?: number
  /** Set when the part ends by the number of its events. */
  readonly eventCount?: number
  /** Messages that were published before this part. */
  readonly publishedBefore: number
}

/** One line of progress; `ratePerSecond` is the rate of the last second. */
export function progressLine(phase: PhaseProgress, publisher: Publisher, nowMs: number, ratePerSecond: number): string {
  const elapsedMs = nowMs - phase.startedMs
  const published = publisher.published - phase.publishedBefore
  let remaining = 'until Ctrl-C'
  if (phase.durationMs !== undefined && Number.isFinite(phase.durationMs)) {
    remaining = `${formatDuration(Math.max(0, phase.durationMs - elapsedMs))} left`
  } else if (phase.eventCount !== undefined) {
    const left = Math.max(0, phase.eventCount - published)
    remaining = published === 0 ? 'just started' : `about ${formatDuration((left * elapsedMs) / published)} left`
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

/** The result of the whole run in one line. */
export function summaryLine(publisher: Publisher, elapsedMs: number, tenantCount: number): string {
  const rate = (publisher.published * SECOND_MS) / Math.max(1, elapsedMs)
  return (
    `Published ${pluralise(publisher.published, 'event')} of ${pluralise(tenantCount, 'tenant')} in ${formatDuration(elapsedMs)} ` +
    `(${formatCount(rate)}/s), including ${pluralise(publisher.duplicates, 'duplicate')} that the broker recognised; ` +
    `${formatCount(publisher.retries)} retries, ${formatCount(publisher.failed)} failed.`
  )
}

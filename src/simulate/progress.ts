import type { Publisher } from './publisher.ts'
import { secondMs } from './scene.ts'

/** How far a part of the run is, for a person who watches. */
export interface PartProgress {
  readonly label: string
  readonly startedMs: number
  /** Whichever is known: how long it lasts, or how many messages it has. */
  readonly lastsMs?: number
  readonly eventCount?: number
  readonly publishedBefore: number
}

/** One line about where the run stands; `ratePerSecond` is that of the last second. */
export function progressLine(part: PartProgress, publisher: Publisher, nowMs: number, ratePerSecond: number): string {
  const elapsedMs = nowMs - part.startedMs
  const published = publisher.published - part.publishedBefore
  let remaining = 'until Ctrl-C'
  if (part.lastsMs !== undefined && Number.isFinite(part.lastsMs)) {
    remaining = `${duration(Math.max(0, part.lastsMs - elapsedMs))} left`
  } else if (part.eventCount !== undefined) {
    const left = Math.max(0, part.eventCount - published)
    remaining = published === 0 ? 'just begun' : `about ${duration((left * elapsedMs) / published)} left`
  }
  const troubles =
    publisher.retries + publisher.failed > 0
      ? `, ${count(publisher.retries)} retries, ${count(publisher.failed)} failed`
      : ''
  return (
    `${part.label}: ${count(published)} published, ${count(ratePerSecond)}/s, ` +
    `${count(publisher.inFlight)} awaiting acknowledgement${troubles}, ${duration(elapsedMs)} elapsed, ${remaining}`
  )
}

/** What the whole run came to. */
export function summaryLine(publisher: Publisher, elapsedMs: number, tenantCount: number): string {
  const rate = (publisher.published * secondMs) / Math.max(1, elapsedMs)
  return (
    `Published ${count(publisher.published)} events of ${count(tenantCount)} tenant${tenantCount === 1 ? '' : 's'} in ${duration(elapsedMs)} ` +
    `(${count(rate)}/s). Among them ${count(publisher.repeats)} repeats that the broker recognised; ` +
    `${count(publisher.retries)} retries, ${count(publisher.failed)} failed.`
  )
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function duration(durationMs: number): string {
  const seconds = Math.round(durationMs / secondMs)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { BufferedEvent } from '../stages.ts'

/** The most event types in a log line: producers can invent any number. */
const MAX_LOGGED_TYPES = 20

interface ReportSinks {
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

/** Writes the log line of a commit and records the time from the publication of its events until they can be queried. `now` is epoch milliseconds. */
export function reportCommit(stored: ReadonlyMap<string, BufferedEvent>, now: number, sinks: ReportSinks): void {
  const { logger, metrics } = sinks
  if (stored.size === 0) return
  const eventTypes = new Set<string>()
  let tenantId: string | undefined
  for (const { row, delivery, pending } of stored.values()) {
    eventTypes.add(row.event_type)
    tenantId = tenantId === undefined || tenantId === row.tenant_id ? row.tenant_id : 'multi'
    if (pending.floor.isLive) metrics.eventToQueryableSeconds.observe((now - delivery.publishedAt) / 1000)
  }
  const omitted = eventTypes.size - MAX_LOGGED_TYPES
  logger.info('[INGEST] analytics events batch', {
    tenantId,
    batchSize: stored.size,
    eventTypes: [...eventTypes].slice(0, MAX_LOGGED_TYPES),
    ...(omitted > 0 ? { omittedEventTypes: omitted } : {}),
  })
}

/** Counts duplicates whose contents differ from the stored event, and logs one of them. */
export function reportConflicts(conflicts: readonly BufferedEvent[], { logger, metrics }: ReportSinks): void {
  if (conflicts.length === 0) return
  const { row, delivery } = conflicts[0]!
  metrics.eventsConflict.add(conflicts.length)
  logger.warn('conflicting events: the id is stored with other contents; the first event is kept', {
    count: conflicts.length,
    tenantId: row.tenant_id,
    subject: delivery.subject,
    sequence: delivery.place.sequence,
  })
}

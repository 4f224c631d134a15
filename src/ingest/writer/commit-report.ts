import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { RowIndexes } from '../../events/block/event-block.ts'
import type { BufferedBlock } from '../stages.ts'

/** The most event types in a log line: producers can invent any number. */
const MAX_LOGGED_TYPES = 20

interface ReportSinks {
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

/** Writes the log line of a commit and records the time from the publication of its events until they can be queried. `now` is epoch milliseconds. */
export function reportCommit(
  { events, deliveries }: BufferedBlock,
  stored: RowIndexes,
  now: number,
  { logger, metrics }: ReportSinks,
): void {
  if (stored.length === 0) return
  const { tenant_id, event_type } = events.columns
  const types = new Set<number>()
  const tenants = new Set<number>()
  for (const row of stored) {
    types.add(event_type.indexes[row]!)
    tenants.add(tenant_id.indexes[row]!)
    if (deliveries.isLive(row)) metrics.eventToQueryableSeconds.observe((now - deliveries.publishedAt(row)) / 1000)
  }
  const eventTypes = [...types].slice(0, MAX_LOGGED_TYPES).map((type) => event_type.symbols.text(type))
  const [tenant] = tenants
  logger.info('[INGEST] analytics events batch', {
    tenantId: tenants.size === 1 ? tenant_id.symbols.text(tenant!) : 'multi',
    batchSize: stored.length,
    eventTypes,
    ...(types.size > MAX_LOGGED_TYPES ? { omittedEventTypes: types.size - MAX_LOGGED_TYPES } : {}),
  })
}

/** Counts duplicates whose contents differ from the stored event, and logs one of them. */
export function reportConflicts(
  { deliveries }: BufferedBlock,
  conflicts: readonly number[],
  { logger, metrics }: ReportSinks,
): void {
  if (conflicts.length === 0) return
  const { delivery, account } = deliveries.at(conflicts[0]!)
  metrics.eventsConflict.add(conflicts.length)
  logger.warn('conflicting events: the id is stored with other contents; the first event is kept', {
    count: conflicts.length,
    tenantId: account.tenantId,
    subject: delivery.subject,
    sequence: delivery.place.sequence,
  })
}

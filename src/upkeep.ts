/**
 * What the service does by itself, by the clock.
 */
import { auditDerived } from './clickhouse/derived-audit.ts'
import type { Store } from './clickhouse/connect.ts'
import { maintain } from './clickhouse/maintenance.ts'
import type { DataVersions } from './data-versions.ts'
import type { EventSide } from './event-side.ts'
import { reportUnbalanced } from './ingest/measure.ts'
import type { Job } from './jobs/jobs.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { LogFields, Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** So many of the largest tenants are named in the log. */
const LISTED_TENANTS = 10

/** What needs to be done once for all is done by whoever takes the stream's deliveries. */
const ANOTHER_DOES: LogFields = { outcome: 'left to the process that routes' }

export interface UpkeepOptions {
  readonly eventSide: EventSide
  readonly store: Store
  readonly database: string
  readonly versions: DataVersions
  readonly live: LiveHub
  /** Whether this process alone writes to the store. */
  readonly isAlone: boolean
  readonly metrics: Metrics
  /** Of so many tenants the metrics tell the size. */
  readonly tenantCount: number
  readonly logger: Logger
}

export function upkeepJobs(options: UpkeepOptions): Job[] {
  const { eventSide, store, database, versions, live, isAlone, metrics, tenantCount } = options
  return [
    {
      name: 'analytics-buffer-flush',
      pattern: '*/5 * * * * *',
      run: () => Promise.resolve({ sweptEvents: sweep(options) }),
    },
    {
      name: 'analytics-materialized-refresh',
      pattern: '0 0 * * * *',
      run: async () => {
        if (!eventSide.isLeading()) return ANOTHER_DOES
        const report = await maintain(store.maintenance, database, {
          tenantCount: Math.max(LISTED_TENANTS, tenantCount),
        })
        // What is past its time was dropped meanwhile, and nobody told.
        versions.moveAll()
        metrics.tenantBytes.clear()
        for (const { tenantId, bytes } of report.largestTenants.slice(0, tenantCount))
          metrics.tenantBytes.set(bytes, { tenant: tenantId })
        return { ...report, largestTenants: report.largestTenants.slice(0, LISTED_TENANTS) }
      },
    },
    // Rows are dropped once an hour; others may write to a server at any time.
    { name: 'analytics-live-audit', pattern: isAlone ? '0 5 * * * *' : '*/30 * * * * *', run: () => live.verify() },
    {
      name: 'analytics-nightly-audit',
      pattern: '0 30 3 * * *',
      run: async () => (eventSide.isLeading() ? audit(options) : ANOTHER_DOES),
    },
  ]
}

/** Makes what is buffered due and looks whether the ledger adds up. Returns how many events were buffered. */
function sweep({ eventSide: { ingestion }, logger }: UpkeepOptions): number {
  reportUnbalanced(ingestion.audit(), logger)
  return ingestion.flush()
}

async function audit({ store, database, metrics, logger }: UpkeepOptions): Promise<LogFields> {
  const found = { ...(await auditDerived(store.maintenance, database)) }
  const unequal = Object.values(found.projections).filter((verdict) => verdict === 'unequal').length
  metrics.derivedMismatches.set(unequal, { what: 'projection' })
  metrics.derivedMismatches.set(found.repeatedIds ?? 0, { what: 'ids' })
  if (unequal > 0 || (found.repeatedIds ?? 0) > 0) logger.error('the nightly audit found a difference', found)
  return found
}

/**
 * What the service does by itself, by the clock.
 */
import { checkConsistency } from '../clickhouse/schema/consistency-check.ts'
import type { Store } from '../clickhouse/connection/store-connection.ts'
import { runMaintenance } from '../clickhouse/schema/maintenance.ts'
import type { DataVersions } from '../http/cache/data-versions.ts'
import type { IngestionAssembly } from './ingestion-assembly.ts'
import { reportUnbalanced } from '../ingest/accounting/ingestion-metrics.ts'
import type { Job } from './job-scheduler.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'

/** So many of the largest tenants are named in the log. */
const LOGGED_TENANTS = 10

/** What needs to be done once for all is done by whoever takes the stream's deliveries. */
const SKIPPED_NOT_LEADER: LogFields = { outcome: 'left to the process that routes' }

export interface ScheduledJobsOptions {
  readonly ingestionAssembly: IngestionAssembly
  readonly store: Store
  readonly database: string
  readonly versions: DataVersions
  readonly live: LiveHub
  /** Whether this process alone writes to the store. */
  readonly isSingleProcess: boolean
  readonly metrics: ServiceMetrics
  /** Of so many tenants the metrics tell the size. */
  readonly tenantCount: number
  readonly logger: Logger
}

export function scheduledJobs(options: ScheduledJobsOptions): Job[] {
  const {
    ingestionAssembly: eventSide,
    store,
    database,
    versions,
    live,
    isSingleProcess: isAlone,
    metrics,
    tenantCount,
  } = options
  return [
    {
      name: 'analytics-buffer-flush',
      pattern: '*/5 * * * * *',
      run: () => Promise.resolve({ sweptEvents: flushAndCheckLedger(options) }),
    },
    {
      name: 'analytics-materialized-refresh',
      pattern: '0 0 * * * *',
      run: async () => {
        if (!eventSide.isLeader()) return SKIPPED_NOT_LEADER
        const report = await runMaintenance(store.maintenance, database, {
          tenantCount: Math.max(LOGGED_TENANTS, tenantCount),
        })
        // What is past its time was dropped meanwhile, and nobody told.
        versions.advanceAll()
        metrics.tenantBytes.clear()
        for (const { tenantId, bytes } of report.largestTenants.slice(0, tenantCount))
          metrics.tenantBytes.set(bytes, { tenant: tenantId })
        return { ...report, largestTenants: report.largestTenants.slice(0, LOGGED_TENANTS) }
      },
    },
    // Rows are dropped once an hour; others may write to a server at any time.
    { name: 'analytics-live-audit', pattern: isAlone ? '0 5 * * * *' : '*/30 * * * * *', run: () => live.verify() },
    {
      name: 'analytics-nightly-audit',
      pattern: '0 30 3 * * *',
      run: async () => (eventSide.isLeader() ? checkDerivedData(options) : SKIPPED_NOT_LEADER),
    },
  ]
}

/** Makes what is buffered due and looks whether the ledger adds up. Returns how many events were buffered. */
function flushAndCheckLedger({ ingestionAssembly: { ingestion }, logger }: ScheduledJobsOptions): number {
  reportUnbalanced(ingestion.reconcile(), logger)
  return ingestion.flush()
}

async function checkDerivedData({ store, database, metrics, logger }: ScheduledJobsOptions): Promise<LogFields> {
  const result = { ...(await checkConsistency(store.maintenance, database)) }
  const unequal = Object.values(result.projections).filter((verdict) => verdict === 'unequal').length
  metrics.consistencyMismatches.set(unequal, { check: 'projections' })
  metrics.consistencyMismatches.set(result.duplicateIds ?? 0, { check: 'ids' })
  if (unequal > 0 || (result.duplicateIds ?? 0) > 0) logger.error('the nightly audit found a difference', result)
  return result
}

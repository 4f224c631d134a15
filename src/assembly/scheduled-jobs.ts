/**
 * The jobs of the service, with their cron patterns.
 */
import type { ActiveFacts } from '../analytics/query/active-facts.ts'
import type { Clock } from '../base/clock.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { Store } from '../clickhouse/connection/store-connection.ts'
import { checkConsistency } from '../clickhouse/schema/consistency-check.ts'
import { runMaintenance } from '../clickhouse/schema/maintenance.ts'
import type { DataVersions } from '../http/cache/data-versions.ts'
import { reportUnbalanced } from '../ingest/ingestion-metrics.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { IngestionAssembly } from './ingestion/ingestion-parts.ts'
import type { Job } from './job-scheduler.ts'

/** The number of the largest tenants in the log line. */
const LOGGED_TENANTS = 10

/** In a cluster, the leader alone runs the jobs that concern the whole store. */
const SKIPPED_NOT_LEADER: LogFields = { outcome: 'skipped: this process is not the leader' }

export interface ScheduledJobsOptions {
  readonly ingestion: IngestionAssembly
  readonly store: Store
  readonly database: string
  readonly versions: DataVersions
  readonly live: LiveHub
  /** Whether other processes may write to the store. */
  readonly isStoreShared: boolean
  readonly metrics: ServiceMetrics
  /** The number of the largest tenants with a metric of their size. */
  readonly tenantCount: number
  readonly activeFacts: ActiveFacts
  readonly clock: Clock
  readonly logger: Logger
}

export function scheduledJobs(options: ScheduledJobsOptions): Job[] {
  const { ingestion, live, isStoreShared, metrics } = options
  return [
    {
      name: 'analytics-buffer-flush',
      pattern: '*/5 * * * * *',
      run: () => Promise.resolve({ sweptEvents: flushAndCheckLedger(options) }),
    },
    {
      name: 'analytics-message-recalculation',
      pattern: '*/5 * * * * *',
      run: async () => {
        if (!(await ingestion.recalculateMessages())) return undefined
        metrics.factsRecalculated.add(1)
        return {}
      },
    },
    {
      name: 'analytics-materialized-refresh',
      pattern: '0 0 * * * *',
      run: async () => (ingestion.isLeader() ? maintain(options) : SKIPPED_NOT_LEADER),
    },
    // Expired rows are dropped once an hour; another process may write to a shared store at any time.
    {
      name: 'analytics-live-audit',
      pattern: isStoreShared ? '*/30 * * * * *' : '0 5 * * * *',
      run: () => live.verify(),
    },
    {
      name: 'analytics-nightly-audit',
      pattern: '0 30 3 * * *',
      run: async () => (ingestion.isLeader() ? checkDerivedData(options) : SKIPPED_NOT_LEADER),
    },
  ]
}

/** Makes everything that is buffered due, and reports tenants whose ledger is unbalanced. Returns the number of buffered events. */
function flushAndCheckLedger({ ingestion: { ingestion }, logger }: ScheduledJobsOptions): number {
  reportUnbalanced(ingestion.reconcile(), logger)
  return ingestion.flush()
}

async function maintain(options: ScheduledJobsOptions): Promise<LogFields> {
  const { store, database, versions, metrics, tenantCount } = options
  const report = await runMaintenance(store.maintenance, database, {
    tenantCount: Math.max(LOGGED_TENANTS, tenantCount),
  })
  // The store has dropped expired rows without a notification: every cached response may be out of date.
  versions.advanceAll()
  metrics.tenantBytes.clear()
  for (const { tenantId, bytes } of report.largestTenants.slice(0, tenantCount))
    metrics.tenantBytes.set(bytes, { tenant: tenantId })
  return { ...report, largestTenants: report.largestTenants.slice(0, LOGGED_TENANTS) }
}

async function checkDerivedData(options: ScheduledJobsOptions): Promise<LogFields> {
  const { store, database, clock, metrics, logger } = options
  const result = {
    ...(await checkConsistency(store.maintenance, database, {
      rules: options.activeFacts.rulesNumber,
      clock,
    })),
  }
  const unequal = Object.values(result.projections).filter((verdict) => verdict === 'unequal').length
  const duplicateIds = result.duplicateIds ?? 0
  metrics.consistencyMismatches.set(unequal, { check: 'projections' })
  metrics.consistencyMismatches.set(duplicateIds, { check: 'ids' })
  const messages = result.messages.verdict === 'unequal' ? result.messages.differences.length : 0
  metrics.consistencyMismatches.set(messages, { check: 'messages' })
  if (unequal > 0 || duplicateIds > 0 || messages > 0) logger.error('the nightly audit found a mismatch', result)
  return result
}

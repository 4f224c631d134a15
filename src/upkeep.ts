/**
 * What the service does by itself, by the clock.
 */
import { auditDerived } from './clickhouse/derived-audit.ts'
import type { Store } from './clickhouse/connect.ts'
import { maintain } from './clickhouse/maintenance.ts'
import type { DataVersions } from './data-versions.ts'
import type { Ingestion } from './ingest/ingestion.ts'
import { reportUnbalanced } from './ingest/measure.ts'
import type { Job } from './jobs/jobs.ts'
import type { LogFields, Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

export interface UpkeepOptions {
  readonly ingestion: Ingestion
  readonly store: Store
  readonly database: string
  readonly versions: DataVersions
  readonly metrics: Metrics
  readonly logger: Logger
}

export function upkeepJobs(options: UpkeepOptions): Job[] {
  const { store, database, versions } = options
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
        const report = await maintain(store, database)
        // What is past its time was dropped meanwhile, and nobody told.
        versions.moveAll()
        return { ...report }
      },
    },
    { name: 'analytics-nightly-audit', pattern: '0 30 3 * * *', run: () => audit(options) },
  ]
}

/** Makes what is buffered due and looks whether the ledger adds up. Returns how many events were buffered. */
function sweep({ ingestion, logger }: UpkeepOptions): number {
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

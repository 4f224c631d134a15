/**
 * The state of the service as operators read it: readiness and metrics.
 */
import type { ActiveFacts } from '../analytics/query/active-facts.ts'
import { type Counter, type Gauge, renderPrometheusText } from '../base/prometheus.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReadinessPart } from '../http/health.ts'
import { ledgerSummary, updateIngestionMetrics } from '../ingest/ingestion-metrics.ts'
import type { IngestionAssembly } from './ingestion/ingestion-parts.ts'

export interface ServiceState {
  readonly areMigrationsApplied: boolean
  /** Undefined = the last check of the store passed. */
  readonly storeProblem: string | undefined
  /** Undefined until the broker is connected. */
  readonly ingestion: IngestionAssembly | undefined
  readonly activeFacts: ActiveFacts
}

/** The parts that have to work before the service is ready, each with its state. */
export function readinessParts({
  areMigrationsApplied,
  storeProblem,
  ingestion,
  activeFacts,
}: ServiceState): ReadinessPart[] {
  const part = (name: ReadinessPart['name'], isReady: boolean, problem: string, okMessage = 'ok'): ReadinessPart => ({
    name,
    isReady,
    message: isReady ? okMessage : problem,
  })
  return [
    part('migrations', areMigrationsApplied, 'not applied yet'),
    part('consumer', ingestion?.isBound() ?? false, 'not bound to the stream'),
    part('store', storeProblem === undefined, storeProblem ?? ''),
    part(
      'intake',
      ingestion !== undefined,
      'not started yet',
      ingestion && ledgerSummary(ingestion.ingestion.reconcile()),
    ),
    // Everything but engagement is answered while the facts are being built.
    part('facts', true, '', factsSummary(activeFacts)),
  ]
}

function factsSummary({ rulesNumber, progress }: ActiveFacts): string {
  const version = rulesNumber === undefined ? 'no version is complete yet' : `version ${rulesNumber}`
  return progress === 1 ? version : `${version}; a new one is being built: ${Math.floor(progress * 100)} %`
}

/** The Prometheus text. Gauges are updated first; the `tenantCount` busiest tenants have their own series. */
export function metricsText(
  metrics: ServiceMetrics,
  processMetrics: readonly (Counter | Gauge)[],
  ingestion: IngestionAssembly | undefined,
  tenantCount: number,
): string {
  if (ingestion) updateIngestionMetrics(ingestion.ingestion, metrics, tenantCount)
  const filter = ingestion?.filterState()
  if (filter) {
    metrics.idFilterComplete.set(filter.isComplete ? 1 : 0)
    metrics.idFilterIds.set(filter.ids)
    metrics.idFilterBytes.set(filter.bytes)
  }
  metrics.leader.set(ingestion?.isLeader() ? 1 : 0)
  return renderPrometheusText([...Object.values(metrics), ...processMetrics])
}

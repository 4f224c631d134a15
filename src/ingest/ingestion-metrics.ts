import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { type LedgerAccount, type Reconciliation, OUTCOMES } from './accounting/ledger.ts'
import type { Ingestion } from './ingestion.ts'

/** Updates the gauges of ingestion; called before they are read. The `tenantCount` busiest tenants have their own series. */
export function updateIngestionMetrics(ingestion: Ingestion, metrics: ServiceMetrics, tenantCount: number): void {
  const { budget } = ingestion
  const { messages, seconds } = ingestion.lag()
  metrics.bufferDepth.set(ingestion.bufferedCount)
  metrics.inFlightEvents.set(budget.events)
  metrics.inFlightBytes.set(budget.bytes)
  metrics.memoryBudgetUsed.set(budget.usedRatio)
  metrics.consumerLag.set(messages)
  metrics.consumerLagSeconds.set(seconds)
  metrics.openCircuitBreakers.set(ingestion.openCircuitBreakerCount)

  const { totals, inFlight, unbalanced } = ingestion.reconcile()
  metrics.ledgerEvents.set(totals.delivered, { outcome: 'delivered' })
  metrics.ledgerEvents.set(inFlight, { outcome: 'buffered' })
  for (const outcome of OUTCOMES) metrics.ledgerEvents.set(totals[outcome], { outcome })
  metrics.ledgerUnbalancedTenants.set(unbalanced.length)

  metrics.tenantEvents.clear()
  for (const account of ingestion.busiestTenants(tenantCount)) updateTenantMetrics(account, metrics)
}

function updateTenantMetrics(account: Readonly<LedgerAccount>, { tenantEvents }: ServiceMetrics): void {
  const { tenantId } = account
  tenantEvents.set(account.delivered, { tenant: tenantId, outcome: 'delivered' })
  for (const outcome of OUTCOMES) tenantEvents.set(account[outcome], { tenant: tenantId, outcome })
}

/** The most tenants with their own error line. */
const MAX_REPORTED_TENANTS = 20

/** Writes an error line for each tenant whose account is unbalanced, up to a limit, and one with the number of the others. */
export function reportUnbalanced({ unbalanced }: Reconciliation, logger: Logger): void {
  for (const { tenantId, missing } of unbalanced.slice(0, MAX_REPORTED_TENANTS))
    logger.error('delivery ledger unbalanced for a tenant', { tenantId, missing })
  const omitted = unbalanced.length - MAX_REPORTED_TENANTS
  if (omitted > 0) logger.error('delivery ledger unbalanced for further tenants', { count: omitted })
}

/** The outcomes of all deliveries since the start, as one sentence. */
export function ledgerSummary({ totals, inFlight, unbalanced }: Reconciliation): string {
  const sides = [...OUTCOMES.map((outcome) => `${totals[outcome]} ${outcome}`), `${inFlight} buffered`].join(' + ')
  const sum = `${totals.delivered} delivered ${unbalanced.length === 0 ? '=' : '≠'} ${sides}`
  return unbalanced.length === 0
    ? sum
    : `${sum}; ${unbalanced.length === 1 ? '1 tenant does' : `${unbalanced.length} tenants do`} not add up`
}

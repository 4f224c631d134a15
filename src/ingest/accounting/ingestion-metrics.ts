import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { Ingestion } from '../ingestion.ts'
import { type LedgerAccount, type Reconciliation, OUTCOMES } from './ledger.ts'

/** Brings the gauges of ingestion up to date; called when they are read. `tenantCount` tenants, the busiest, get a series of their own. */
export function updateIngestionMetrics(ingestion: Ingestion, metrics: ServiceMetrics, tenantCount: number): void {
  const { budget } = ingestion
  const { messages, seconds } = ingestion.lag()
  metrics.bufferDepth.set(ingestion.bufferedCount)
  metrics.inFlightEvents.set(budget.events)
  metrics.inFlightBytes.set(budget.bytes)
  metrics.memoryBudgetUsed.set(budget.usedRatio)
  metrics.consumerLag.set(messages)
  metrics.consumerLagSeconds.set(seconds)
  metrics.openCircuitBreakers.set(ingestion.openBreakerCount)

  const { totals, held, unbalanced } = ingestion.reconcile()
  metrics.ledgerEvents.set(totals.delivered, { outcome: 'delivered' })
  metrics.ledgerEvents.set(held, { outcome: 'buffered' })
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

/** So many tenants have an error line of their own. */
const MAX_REPORTED_TENANTS = 20

/** Writes an error line for each tenant whose side of the ledger does not add up, and says how many more there are. */
export function reportUnbalanced({ unbalanced }: Reconciliation, logger: Logger): void {
  for (const { tenantId, missing } of unbalanced.slice(0, MAX_REPORTED_TENANTS))
    logger.error('the audit ledger does not add up for a tenant', { tenantId, missing })
  const omitted = unbalanced.length - MAX_REPORTED_TENANTS
  if (omitted > 0) logger.error('the audit ledger does not add up for further tenants', { count: omitted })
}

/** One sentence on what became of every delivery since the start. */
export function ledgerSummary({ totals, held, unbalanced }: Reconciliation): string {
  const sides = [...OUTCOMES.map((outcome) => `${totals[outcome]} ${outcome}`), `${held} buffered`].join(' + ')
  const sum = `${totals.delivered} delivered ${unbalanced.length === 0 ? '=' : '≠'} ${sides}`
  return unbalanced.length === 0
    ? sum
    : `${sum}; ${unbalanced.length === 1 ? '1 tenant does' : `${unbalanced.length} tenants do`} not add up`
}

/**
 * The setting that names the tenant of a dashboard query. On a server with row policies the reading user sees only the rows of that tenant, so that a query without its
 * tenant condition returns no other tenant's rows.
 */
import { StoreFailure } from '../../base/errors.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import { named } from './named-statement.ts'
import { quoteText } from './sql-literals.ts'
import type { ReadStore, StoreConnection } from './store-connection.ts'

/** Servers accept any custom setting with this prefix by default (`custom_settings_prefixes`). */
export const TENANT_SETTING = 'SQL_tenant'

/** The tables that dashboards read. */
export const DASHBOARD_TABLES = ['analytics_events', 'analytics_names', 'analytics_message_facts'] as const

/**
 * The setting to append to the settings of a dashboard query; empty where there are no row policies. The tenant id is the only external value among settings; its
 * characters (`A-Z a-z 0-9 . _ : -`) cannot end a literal. Throws for any other text.
 */
export function tenantSettingSql({ tenantSetting }: Pick<ReadStore, 'tenantSetting'>, tenantId: string): string {
  if (tenantSetting === undefined) return ''
  if (!isTenantId(tenantId)) throw new Error('Invalid tenant id.')
  return `, ${tenantSetting} = ${quoteText(tenantId)}`
}

/** Rejects with a StoreFailure when the store does not answer, or when the reader sees rows without naming a tenant, which means that the row policies are missing. */
export async function checkRowPolicies(reader: StoreConnection, tenantSetting: string): Promise<void> {
  const settings = `force_optimize_skip_unused_shards = 0, ${tenantSetting} = ''`
  for (const table of DASHBOARD_TABLES) {
    const visibleRows = await reader.query(
      named(`check_row_policy_of_${table}`, `SELECT 1 FROM ${table} LIMIT 1`, settings),
    )
    if (visibleRows.length > 0) throw new StoreFailure('rejected', `The reader sees rows of ${table} without a tenant.`)
  }
}

import { ALL_DASHBOARDS, DASHBOARDS as DEFINITIONS } from '../../../src/analytics/dashboards/dashboards.ts'
import type { QueryPort } from '../../../src/analytics/query/tenant-query.ts'
import type { DashboardRequest } from '../../../src/analytics/define-dashboard.ts'
import type { Dashboard } from '../oracle/oracle.ts'

/** Reads a dashboard; filters are not typed here. */
type Read = (port: QueryPort, request: Pick<DashboardRequest, 'tenantId' | 'range' | 'zone'>) => Promise<unknown>

/** The service's own dashboards, by the oracle's names: that both have the same ones is checked by the types. */
export const DASHBOARDS: Readonly<Record<Dashboard, Read>> = Object.fromEntries(
  ALL_DASHBOARDS.map(({ name, read }) => [name, read]),
) as Record<keyof typeof DEFINITIONS, Read>

/** The range of a dashboard's request that names none. */
export function presetOf(name: Dashboard) {
  return DEFINITIONS[name].preset
}

import { ALL_DASHBOARDS, DASHBOARDS as DEFINITIONS } from '../../../src/analytics/dashboards/dashboards.ts'
import { pageControls } from '../../../src/analytics/dashboards/page-controls.ts'
import type { DashboardRequest } from '../../../src/analytics/define-dashboard.ts'
import type { QueryPort } from '../../../src/analytics/query/tenant-query.ts'
import type { Dashboard, DashboardQuery } from '../oracle/oracle.ts'
import { testFactsAsOf } from '../store/facts/test-facts.ts'

/** Reads a dashboard. Filters are not typed here. Without `facts` those of the present are read. */
type Read = (
  port: QueryPort,
  request: Pick<DashboardRequest, 'tenantId' | 'range' | 'zone' | 'facts'>,
) => Promise<unknown>

/** The service's dashboards by the oracle's names: the types check that both have the same ones. */
export const DASHBOARDS: Readonly<Record<Dashboard, Read>> = Object.fromEntries(
  ALL_DASHBOARDS.map(({ name, read }): [string, Read] => [
    name,
    (port, request) => read(port, { facts: testFactsAsOf(Date.now()), ...request }),
  ]),
) as Record<keyof typeof DEFINITIONS, Read>

const CONTROLS = pageControls()

/** The default range of a dashboard. */
export function presetOf(name: Dashboard) {
  return DEFINITIONS[name].preset
}

/** The granularities of a dashboard; empty where it has no such parameter. */
export function granularitiesOf(name: Dashboard) {
  return CONTROLS[name].granularities
}

/** Whether a dashboard has paginated lists. */
export function isPaged(name: Dashboard): boolean {
  return 'cursor' in DEFINITIONS[name].parameters.properties
}

/** The filters that a dashboard accepts, out of the given ones; the id is that of its own kind of entity. */
export function takenFilters(
  name: Dashboard,
  filters: {
    readonly channel?: string | undefined
    readonly entity?: ((noun: string) => string | undefined) | undefined
  },
): DashboardQuery {
  const { takesChannel, entityFilter } = CONTROLS[name]
  const id = entityFilter && filters.entity?.(entityFilter.noun)
  return {
    ...(takesChannel && filters.channel !== undefined ? { channel: filters.channel } : {}),
    ...(id === undefined ? {} : { [entityFilter!.parameter]: id }),
  }
}

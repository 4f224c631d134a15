import { presetOf } from '../../support/dashboards/dashboards.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'

/** The tenant with half of all events. */
export const TENANT = 'tenant-1'

/** Every dashboard with its default range and with 90 days. */
export const BENCHED = dashboardNames.flatMap((dashboard) =>
  ([presetOf(dashboard), '90d'] as const).map((timeRange) => ({ dashboard, timeRange })),
)

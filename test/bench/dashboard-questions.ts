import { dashboardNames } from '../support/oracle/oracle.ts'

/** The tenant with half of all events. */
export const TENANT = 'tenant-1'

/** Every dashboard over its default range and over 90 days. */
export const BENCHED = dashboardNames.flatMap((dashboard) => {
  const preset = ['overview', 'messages', 'traffic'].includes(dashboard) ? '7d' : '30d'
  return ([preset, '90d'] as const).map((timeRange) => ({ dashboard, timeRange }))
})

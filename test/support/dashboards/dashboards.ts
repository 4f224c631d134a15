import { campaignsDashboard } from '../../../src/analytics/dashboards/campaigns.ts'
import type { Dashboard as Calculate } from '../../../src/analytics/dashboard.ts'
import { messagesDashboard } from '../../../src/analytics/dashboards/messages.ts'
import { overviewDashboard } from '../../../src/analytics/dashboards/overview.ts'
import { sequencesDashboard } from '../../../src/analytics/dashboards/sequences.ts'
import { templatesDashboard } from '../../../src/analytics/dashboards/templates.ts'
import { trafficDashboard } from '../../../src/analytics/dashboards/traffic.ts'
import { workflowsDashboard } from '../../../src/analytics/dashboards/workflows.ts'
import type { Dashboard } from '../oracle/oracle.ts'

/** The service's own seven, by the oracle's names. */
export const DASHBOARDS: Record<Dashboard, Calculate<object, unknown>> = {
  overview: overviewDashboard,
  messages: messagesDashboard,
  campaigns: campaignsDashboard,
  workflows: workflowsDashboard,
  sequences: sequencesDashboard,
  templates: templatesDashboard,
  traffic: trafficDashboard,
}

/** The range of a dashboard that is asked for none. */
export function presetOf(name: Dashboard): '7d' | '30d' {
  return ['overview', 'messages', 'traffic'].includes(name) ? '7d' : '30d'
}

import { campaigns } from '../../../src/analytics/campaigns.ts'
import type { Dashboard as Calculate } from '../../../src/analytics/dashboard.ts'
import { messages } from '../../../src/analytics/messages.ts'
import { overview } from '../../../src/analytics/overview.ts'
import { sequences } from '../../../src/analytics/sequences.ts'
import { templates } from '../../../src/analytics/templates.ts'
import { traffic } from '../../../src/analytics/traffic.ts'
import { workflows } from '../../../src/analytics/workflows.ts'
import type { Dashboard } from '../oracle/oracle.ts'

/** The service's own seven, by the oracle's names. */
export const DASHBOARDS: Record<Dashboard, Calculate<object, unknown>> = {
  overview,
  messages,
  campaigns,
  workflows,
  sequences,
  templates,
  traffic,
}

/** The range of a dashboard that is asked for none. */
export function presetOf(name: Dashboard): '7d' | '30d' {
  return ['overview', 'messages', 'traffic'].includes(name) ? '7d' : '30d'
}

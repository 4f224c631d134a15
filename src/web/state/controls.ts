import type { DashboardName } from '../../analytics/dashboards/dashboards.ts'
import type { PageControls } from '../../analytics/dashboards/page-controls.ts'
import { pageControls } from '../../analytics/dashboards/page-controls.ts' with { type: 'macro' }

/** The controls of each dashboard, calculated when the page is built. */
const CONTROLS = pageControls()

/** The controls that the parameters of a dashboard permit. */
export function controlsOf(dashboard: DashboardName): PageControls {
  return CONTROLS[dashboard]
}

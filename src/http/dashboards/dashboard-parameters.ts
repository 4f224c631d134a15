import { ALL_DASHBOARDS, type DashboardName, type Dashboards } from '../../analytics/dashboards/dashboards.ts'
import { withExportParameters } from '../export/export-parameters.ts'

/** The query parameters of each dashboard's route. */
export type DashboardParameters = {
  readonly [Name in DashboardName]: ReturnType<
    typeof withExportParameters<Dashboards[Name]['parameters']['properties'], Dashboards[Name]['data']['properties']>
  >
}

const parameters: unknown = Object.fromEntries(
  ALL_DASHBOARDS.map((dashboard) => [dashboard.name, withExportParameters(dashboard)]),
)

/** The schemas of the query parameters by dashboard: those of the dashboard, then those that choose the format of the response. */
export const DASHBOARD_PARAMETERS = parameters as DashboardParameters

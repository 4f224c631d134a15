import type { DashboardName, DataOf } from '../../../analytics/dashboards/dashboards.ts'
import { CHARTS_OF_DASHBOARDS } from './dashboard-charts.tsx'
import type { DrawDashboard } from './dashboard-parts.tsx'
import type { BlockProps } from './block-props.ts'

/** A part of a dashboard. */
export function DashboardBlock({ data, ...props }: BlockProps<DataOf<DashboardName>>) {
  const charts = CHARTS_OF_DASHBOARDS[props.block.body['dashboard'] as DashboardName]
  // The data is that of this dashboard.
  const draw = (charts[props.chart] ?? charts.table ?? charts.line) as DrawDashboard<DashboardName>
  return <>{draw(data, props)}</>
}

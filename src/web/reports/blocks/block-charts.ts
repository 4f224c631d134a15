/** How a block can be drawn. */
import type { DashboardName } from '../../../analytics/dashboards/dashboards.ts'
import { CHARTS, type Chart } from '../../../reports/report-parts.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import { type QuerySchema } from '../../explorer/query-schema.ts'
import { CHARTS as QUERY_CHARTS } from '../../explorer/exploration.ts'
import { restrictionOfChart } from '../../explorer/restrictions.ts'
import { explorationOf } from './query-body.ts'

const DASHBOARD_CHARTS: Readonly<Record<DashboardName, readonly [Chart, ...Chart[]]>> = {
  overview: ['number', 'line', 'bar', 'table', 'funnel'],
  messages: ['number', 'line', 'bar', 'table', 'funnel'],
  campaigns: ['table', 'number', 'line', 'bar', 'funnel'],
  workflows: ['table', 'number', 'line', 'bar'],
  sequences: ['table', 'number', 'line', 'bar', 'funnel'],
  templates: ['table', 'bar'],
  traffic: ['line', 'number', 'bar', 'table', 'heatmap'],
}

/** The dashboards that a block can show. */
export const DASHBOARDS = [
  'overview',
  'messages',
  'campaigns',
  'workflows',
  'sequences',
  'templates',
  'traffic',
] as const

/** The charts of a dashboard, the most usual one first; all charts for another name. */
export function chartsOfDashboard(dashboard: unknown): readonly Chart[] {
  const name = DASHBOARDS.find((each) => each === dashboard)
  return name ? DASHBOARD_CHARTS[name] : CHARTS
}

type ChartedBlock = Pick<BlockRequest, 'kind' | 'body'>

/** The charts that can draw a block, in the order in which they are offered; the first one suits it best. */
export function possibleCharts({ kind, body }: ChartedBlock, schema: QuerySchema): readonly Chart[] {
  switch (kind) {
    case 'query':
      return QUERY_CHARTS.filter((chart) => {
        const exploration = explorationOf(body, chart)
        return exploration.metrics.length > 0 && restrictionOfChart(schema, chart, exploration) === undefined
      })
    case 'funnel':
      return body['trend'] === undefined ? ['funnel', 'number', 'table'] : ['funnel', 'number', 'line', 'table']
    case 'cohort':
      return ['heatmap', 'line']
    default:
      return chartsOfDashboard(body['dashboard'])
  }
}

/** The chart that draws a block: its own where that is possible. Other clients may have stored any. */
export function drawnChart(block: BlockRequest, schema: QuerySchema): Chart {
  const possible = possibleCharts(block, schema)
  return possible.includes(block.chart) ? block.chart : (possible[0] ?? 'table')
}

/** The body of a block of a dashboard, from its range or from another body. The heat map needs each hour. */
export function dashboardBody(
  dashboard: string,
  chart: Chart,
  range: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { ...range, dashboard, ...(dashboard === 'traffic' && { granularity: chart === 'heatmap' ? 'hour' : 'day' }) }
}

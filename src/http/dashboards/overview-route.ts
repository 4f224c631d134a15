import { Elysia } from 'elysia'
import { overviewDashboard, Overview, OverviewParameters } from '../../analytics/dashboards/overview.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'overview',
  preset: '7d',
  dashboard: overviewDashboard,
  schema: Overview,
  mainTable: 'trend',
} as const
export const overviewParameters = withExportParameters(OverviewParameters, route)

export const overviewRoute = (services: DashboardServices) =>
  new Elysia().get('/overview', (context) => serveDashboard(context, route, services), {
    query: overviewParameters,
    transform: strictQuery(overviewParameters),
    response: responsesOf(Overview),
    detail: {
      operationId: 'overview',
      tags: ['Dashboards'],
      summary: 'Message overview',
      description:
        'Counts of messages sent, delivered, opened and clicked in the range: in total, by channel and by day.',
    },
  })

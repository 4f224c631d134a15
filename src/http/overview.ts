import { Elysia } from 'elysia'
import { overview, Overview, OverviewParameters } from '../analytics/overview.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'overview',
  preset: '7d',
  dashboard: overview,
  schema: Overview,
  mainTable: 'trend',
} as const
export const overviewParameters = withFileParameters(OverviewParameters, route)

export const overviewRoute = (services: DashboardServices) =>
  new Elysia().get('/overview', (context) => answerDashboard(context, route, services), {
    query: overviewParameters,
    transform: readStrictly(overviewParameters),
    response: answersOf(Overview),
    detail: {
      operationId: 'overview',
      tags: ['Dashboards'],
      summary: 'Message overview',
      description:
        'Counts of messages sent, delivered, opened and clicked in the range: in total, by channel and by day.',
    },
  })

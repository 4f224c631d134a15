import { Elysia } from 'elysia'
import { traffic, Traffic, TrafficParameters } from '../analytics/traffic.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'traffic',
  preset: '7d',
  dashboard: traffic,
  schema: Traffic,
  mainTable: 'timeSeries',
} as const
export const trafficParameters = withFileParameters(TrafficParameters, route)

export const trafficRoute = (services: DashboardServices) =>
  new Elysia().get('/traffic', (context) => answerDashboard(context, route, services), {
    query: trafficParameters,
    transform: readStrictly(trafficParameters),
    response: answersOf(Traffic),
    detail: {
      operationId: 'traffic',
      tags: ['Dashboards'],
      summary: 'Sending times',
      description: 'Messages sent by hour of the day, by weekday and over time.',
    },
  })

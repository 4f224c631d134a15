import { Elysia } from 'elysia'
import { trafficDashboard, Traffic, TrafficParameters } from '../../analytics/dashboards/traffic.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'traffic',
  preset: '7d',
  dashboard: trafficDashboard,
  schema: Traffic,
  mainTable: 'timeSeries',
} as const
export const trafficParameters = withExportParameters(TrafficParameters, route)

export const trafficRoute = (services: DashboardServices) =>
  new Elysia().get('/traffic', (context) => serveDashboard(context, route, services), {
    query: trafficParameters,
    transform: strictQuery(trafficParameters),
    response: responsesOf(Traffic),
    detail: {
      operationId: 'traffic',
      tags: ['Dashboards'],
      summary: 'Sending times',
      description: 'Messages sent by hour of the day, by weekday and over time.',
    },
  })

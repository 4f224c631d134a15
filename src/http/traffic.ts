import { Elysia } from 'elysia'
import { traffic, Traffic, TrafficParameters } from '../analytics/traffic.ts'
import { answerDashboard, answersOf, type DashboardDependencies } from './answer.ts'
import { readStrictly } from './parameters.ts'

const route = { name: 'traffic', preset: '7d', dashboard: traffic } as const

export const trafficRoute = (dependencies: DashboardDependencies) =>
  new Elysia().get('/traffic', ({ request, query }) => answerDashboard(request, query, route, dependencies), {
    query: TrafficParameters,
    transform: readStrictly(TrafficParameters),
    response: answersOf(Traffic),
    detail: {
      operationId: 'traffic',
      tags: ['Dashboards'],
      summary: 'When messages are sent',
      description: 'Messages sent by hour of the day, by weekday and over time.',
    },
  })

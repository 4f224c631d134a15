import { Elysia } from 'elysia'
import { traffic, Traffic, TrafficParameters } from '../analytics/traffic.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { readStrictly } from './parameters.ts'

const route = { name: 'traffic', preset: '7d', dashboard: traffic } as const

export const trafficRoute = (services: DashboardServices) =>
  new Elysia().get('/traffic', (context) => answerDashboard(context, route, services), {
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

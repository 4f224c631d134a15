import { Elysia } from 'elysia'
import { messagesDashboard, Messages, MessagesParameters } from '../../analytics/dashboards/messages.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'messages',
  preset: '7d',
  dashboard: messagesDashboard,
  schema: Messages,
  mainTable: 'timeSeries',
} as const
export const messagesParameters = withExportParameters(MessagesParameters, route)

export const messagesRoute = (services: DashboardServices) =>
  new Elysia().get('/messages', (context) => serveDashboard(context, route, services), {
    query: messagesParameters,
    transform: strictQuery(messagesParameters),
    response: responsesOf(Messages),
    detail: {
      operationId: 'messages',
      tags: ['Dashboards'],
      summary: 'Messages by time and channel',
      description: 'Message counts of the range in time buckets of the chosen size, and counts and rates by channel.',
    },
  })

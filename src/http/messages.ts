import { Elysia } from 'elysia'
import { messages, Messages, MessagesParameters } from '../analytics/messages.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'messages',
  preset: '7d',
  dashboard: messages,
  schema: Messages,
  mainTable: 'timeSeries',
} as const
export const messagesParameters = withFileParameters(MessagesParameters, route)

export const messagesRoute = (services: DashboardServices) =>
  new Elysia().get('/messages', (context) => answerDashboard(context, route, services), {
    query: messagesParameters,
    transform: readStrictly(messagesParameters),
    response: answersOf(Messages),
    detail: {
      operationId: 'messages',
      tags: ['Dashboards'],
      summary: 'Messages by time and channel',
      description: 'Message counts of the range in time buckets of the chosen size, and counts and rates by channel.',
    },
  })

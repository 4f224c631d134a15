import { Elysia } from 'elysia'
import { templates, Templates, TemplatesPage, TemplatesParameters } from '../analytics/templates.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'templates',
  preset: '30d',
  dashboard: templates,
  schema: Templates,
  mainTable: 'topTemplates',
} as const
export const templatesParameters = withFileParameters(TemplatesParameters, route)

export const templatesRoute = (services: DashboardServices) =>
  new Elysia().get('/templates', (context) => answerDashboard(context, route, services), {
    query: templatesParameters,
    transform: readStrictly(templatesParameters),
    response: answersOf(TemplatesPage),
    detail: {
      operationId: 'templates',
      tags: ['Dashboards'],
      summary: 'Templates',
      description: 'The best and the worst templates, by open rate, click rate and usage.',
    },
  })

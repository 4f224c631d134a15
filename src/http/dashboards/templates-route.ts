import { Elysia } from 'elysia'
import {
  templatesDashboard,
  Templates,
  TemplatesPage,
  TemplatesParameters,
} from '../../analytics/dashboards/templates.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'templates',
  preset: '30d',
  dashboard: templatesDashboard,
  schema: Templates,
  mainTable: 'topTemplates',
} as const
export const templatesParameters = withExportParameters(TemplatesParameters, route)

export const templatesRoute = (services: DashboardServices) =>
  new Elysia().get('/templates', (context) => serveDashboard(context, route, services), {
    query: templatesParameters,
    transform: strictQuery(templatesParameters),
    response: responsesOf(TemplatesPage),
    detail: {
      operationId: 'templates',
      tags: ['Dashboards'],
      summary: 'Templates',
      description: 'The best and the worst templates, by open rate, click rate and usage.',
    },
  })

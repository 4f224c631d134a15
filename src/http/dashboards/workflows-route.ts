import { Elysia } from 'elysia'
import {
  workflowsDashboard,
  Workflows,
  WorkflowsPage,
  WorkflowsParameters,
} from '../../analytics/dashboards/workflows.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'workflows',
  preset: '30d',
  dashboard: workflowsDashboard,
  schema: Workflows,
  mainTable: 'topWorkflows',
} as const
export const workflowsParameters = withExportParameters(WorkflowsParameters, route)

export const workflowsRoute = (services: DashboardServices) =>
  new Elysia().get('/workflows', (context) => serveDashboard(context, route, services), {
    query: workflowsParameters,
    transform: strictQuery(workflowsParameters),
    response: responsesOf(WorkflowsPage),
    detail: {
      operationId: 'workflows',
      tags: ['Dashboards'],
      summary: 'Workflow runs',
      description:
        'Counts of runs that started, completed, failed and reached their goal: in total, by workflow and by day.',
    },
  })

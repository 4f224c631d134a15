import { Elysia } from 'elysia'
import { workflows, Workflows, WorkflowsPage, WorkflowsParameters } from '../analytics/workflows.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'workflows',
  preset: '30d',
  dashboard: workflows,
  schema: Workflows,
  mainTable: 'topWorkflows',
} as const
export const workflowsParameters = withFileParameters(WorkflowsParameters, route)

export const workflowsRoute = (services: DashboardServices) =>
  new Elysia().get('/workflows', (context) => answerDashboard(context, route, services), {
    query: workflowsParameters,
    transform: readStrictly(workflowsParameters),
    response: answersOf(WorkflowsPage),
    detail: {
      operationId: 'workflows',
      tags: ['Dashboards'],
      summary: 'Workflow runs',
      description:
        'Counts of runs that started, completed, failed and reached their goal: in total, by workflow and by day.',
    },
  })

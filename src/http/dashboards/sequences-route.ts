import { Elysia } from 'elysia'
import {
  sequencesDashboard,
  Sequences,
  SequencesPage,
  SequencesParameters,
} from '../../analytics/dashboards/sequences.ts'
import { serveDashboard, responsesOf, type DashboardServices } from './serve-dashboard.ts'
import { withExportParameters } from '../export/export-parameters.ts'
import { strictQuery } from '../pipeline/strict-query.ts'

const route = {
  name: 'sequences',
  preset: '30d',
  dashboard: sequencesDashboard,
  schema: Sequences,
  mainTable: 'topSequences',
} as const
export const sequencesParameters = withExportParameters(SequencesParameters, route)

export const sequencesRoute = (services: DashboardServices) =>
  new Elysia().get('/sequences', (context) => serveDashboard(context, route, services), {
    query: sequencesParameters,
    transform: strictQuery(sequencesParameters),
    response: responsesOf(SequencesPage),
    detail: {
      operationId: 'sequences',
      tags: ['Dashboards'],
      summary: 'Sequences',
      description: 'Counts of enrollments by outcome, the step funnel, and the sequences with the most enrollments.',
    },
  })

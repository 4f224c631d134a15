import { Elysia } from 'elysia'
import { sequences, Sequences, SequencesPage, SequencesParameters } from '../analytics/sequences.ts'
import { answerDashboard, answersOf, type DashboardServices } from './answer.ts'
import { withFileParameters } from './files/file-parameters.ts'
import { readStrictly } from './parameters.ts'

const route = {
  name: 'sequences',
  preset: '30d',
  dashboard: sequences,
  schema: Sequences,
  mainTable: 'topSequences',
} as const
export const sequencesParameters = withFileParameters(SequencesParameters, route)

export const sequencesRoute = (services: DashboardServices) =>
  new Elysia().get('/sequences', (context) => answerDashboard(context, route, services), {
    query: sequencesParameters,
    transform: readStrictly(sequencesParameters),
    response: answersOf(SequencesPage),
    detail: {
      operationId: 'sequences',
      tags: ['Dashboards'],
      summary: 'Sequences',
      description: 'Counts of enrollments by outcome, the step funnel, and the sequences with the most enrollments.',
    },
  })

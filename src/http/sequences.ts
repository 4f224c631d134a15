import { Elysia } from 'elysia'
import { sequences, Sequences, SequencesParameters } from '../analytics/sequences.ts'
import { answerDashboard, answersOf, type DashboardDependencies } from './answer.ts'
import { readStrictly } from './parameters.ts'

const route = { name: 'sequences', preset: '30d', dashboard: sequences } as const

export const sequencesRoute = (dependencies: DashboardDependencies) =>
  new Elysia().get('/sequences', ({ request, query }) => answerDashboard(request, query, route, dependencies), {
    query: SequencesParameters,
    transform: readStrictly(SequencesParameters),
    response: answersOf(Sequences),
    detail: {
      operationId: 'sequences',
      tags: ['Dashboards'],
      summary: 'Sequences',
      description:
        'Enrollments with what became of them, the funnel of steps, and the sequences with the most enrollments.',
    },
  })
